package io.inferwatch.api.exposition;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpositionFormatTest {
    private static final String PROTOBUF =
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|TEXT",
                "*/*|TEXT",
                "text/html|TEXT",
                "text/plain;version=0.0.4|TEXT",
                "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1|OPEN_METRICS",
                "application/openmetrics-text;version=1.0.0;q=0.4,text/plain;q=0.5|TEXT",
                "PB,application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5|PROTOBUF",
                "application/openmetrics-text;version=1.0.0;q=0.5,PB;q=0.4,text/plain;q=0.2|OPEN_METRICS",
                "application/vnd.google.protobuf;encoding=text,text/plain;q=0.1|TEXT",
                "PB;q=0|TEXT",
            })
    void formIsTheOneLikedMost(String accept, ExpositionFormat expected) {
        assertThat(ExpositionFormat.of(accept.replace("PB", PROTOBUF))).isEqualTo(expected);
    }
}
