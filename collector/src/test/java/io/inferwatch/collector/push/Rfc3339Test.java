package io.inferwatch.collector.push;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.OptionalLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Rfc3339Test {

    @ParameterizedTest
    @CsvSource({
        "2026-11-20T09:30:00Z,2026-11-20T09:30:00Z",
        "2026-11-20t09:30:00z,2026-11-20T09:30:00Z",
        "2026-11-20 09:30:00.5Z,2026-11-20T09:30:00.500Z",
        "2026-11-20T09:30:00.123456789Z,2026-11-20T09:30:00.123Z",
        "2026-11-20T09:30:00.05+05:30,2026-11-20T04:00:00.050Z",
        "2026-11-20T23:30:00-01:00,2026-11-21T00:30:00Z",
        "2016-12-31T23:59:60Z,2017-01-01T00:00:00Z",
        "2024-02-29T00:00:00Z,2024-02-29T00:00:00Z",
        "1969-12-31T23:59:59.999Z,1969-12-31T23:59:59.999Z"
    })
    void readsTimes(String text, Instant expected) {
        assertThat(Rfc3339.epochMillis(text)).isEqualTo(OptionalLong.of(expected.toEpochMilli()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "2026",
                "2026-11-20",
                "2026-11-20T09:30:00",
                "2026-11-20T09:30:00.Z",
                "2026-11-20T09:30:00.5",
                "2026-11-20T09:30:00+0100",
                "2026-11-20T09:30:00+24:00",
                "2026-11-20T09:30:00+01:60",
                "2026-11-31T09:30:00Z",
                "2025-02-29T09:30:00Z",
                "2026-11-20T24:00:00Z",
                "2026-11-20T09:60:00Z",
                "2026-11-20T09:30:61Z",
                "2026-11-20T09:30:00ZZ",
                "2026/11/20T09:30:00Z",
                "20a6-11-20T09:30:00Z",
                "2026-1a-20T09:30:00Z",
                "-026-11-20T09:30:00Z",
                "2026-11-20T0a:30:00Z",
                "2026-11-20T09:30:00*01:00"
            })
    void refusesWhatIsNone(String text) {
        assertThat(Rfc3339.epochMillis(text)).isEmpty();
    }
}
