package io.inferwatch.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimesTest {
    private static final Instant NOW = Instant.parse("2026-01-05T12:00:00Z");

    @ParameterizedTest
    @CsvSource({
        "now,                       2026-01-05T12:00:00Z",
        "-15m,                      2026-01-05T11:45:00Z",
        "-7d,                       2025-12-29T12:00:00Z",
        "2026-01-05T12:00:00+02:00, 2026-01-05T10:00:00Z",
        "2026-01-05T12:00:00.250Z,  2026-01-05T12:00:00.250Z",
        "1767614400,                2026-01-05T12:00:00Z",
        "1767614400.5,              2026-01-05T12:00:00.500Z",
        "1767614400000,             2026-01-05T12:00:00Z",
        "0,                         1970-01-01T00:00:00Z",
    })
    void time_isRead_inEveryForm(String text, String expected) {
        assertThat(Times.parse(text, NOW)).contains(Instant.parse(expected));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"yesterday", "", "-", "-15", "2026-01-05", "2026-13-01T00:00:00Z", "1e9", "99999999999999", "NaN"
            })
    void time_isRefused_namingParameterAndValue(String text) {
        assertThatThrownBy(() -> Times.required("from", text, NOW))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("from: \"" + text + "\"");
    }

    @Test
    void time_isPrinted_inUtc() {
        assertThat(Times.format(Instant.parse("2026-01-05T12:00:00.123456Z"))).isEqualTo("2026-01-05T12:00:00.123Z");
    }
}
