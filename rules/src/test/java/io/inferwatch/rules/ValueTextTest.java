package io.inferwatch.rules;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ValueTextTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "612 | ms | 612 ms",
                "1200 | ms | 1.2 s",
                "0.4123 | ms | 0.412 ms",
                "0.25 | s | 250 ms",
                "600 | s | 10 min",
                "0.041 | ratio | 4.1 %",
                "0.9996 | ratio | 99.96 %",
                "100 | % | 100 %",
                "4.2 | $ | $4.20",
                "0.0123 | $ | $0.0123",
                "2684354560 | bytes | 2.5 GiB",
                "88 | °C | 88 °C",
                "0 | ms | 0 ms",
                "1234567 | count | 1230000",
                "123456 | count | 123456",
                "0.7 | '' | 0.7",
            })
    void readsAsPeopleWriteIt(double value, String unit, String text) {
        assertThat(ValueText.format(value, unit)).isEqualTo(text);
    }
}
