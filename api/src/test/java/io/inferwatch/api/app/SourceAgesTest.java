package io.inferwatch.api.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.scrape.SourceReport;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SourceAgesTest {
    private static final Instant NOW = Instant.parse("2026-01-05T12:00:00Z");

    private final SourceAges ages = new SourceAges();

    private static SourceReport report(boolean isReachable, boolean isUnderstood, Instant readAt) {
        return new SourceReport(
                "llama-a",
                "http://127.0.0.1:8000/metrics",
                isReachable,
                Optional.empty(),
                Optional.of(readAt),
                List.of(),
                isUnderstood ? Map.of("llm.running", "vllm:num_requests_running") : Map.of(),
                Map.of(),
                List.of(),
                List.of(),
                List.of(),
                new SourceReport.Counts(1, 0, 0, 0));
    }

    @Test
    void aServerThatTellsIsAsOldAsItsLastReading() {
        assertThat(ages.look(List.of(report(true, true, NOW.minusSeconds(4))), NOW))
                .containsExactly(Map.entry("llama-a", Duration.ofSeconds(4)));
    }

    @Test
    void onePageOfNothingKnown_growsOldAlthoughItIsRead() {
        ages.look(List.of(report(true, true, NOW)), NOW);
        Instant later = NOW.plusSeconds(130);
        assertThat(ages.look(List.of(report(true, false, later)), later))
                .containsExactly(Map.entry("llama-a", Duration.ofSeconds(130)));
    }

    @Test
    void oneThatNeverTold_growsOldFromTheFirstLook() {
        assertThat(ages.look(List.of(report(true, false, NOW)), NOW).get("llama-a"))
                .isZero();
        assertThat(ages.look(List.of(report(true, false, NOW)), NOW.plusSeconds(60))
                        .get("llama-a"))
                .isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void oneThatIsReadNoMoreIsForgotten_andBeginsAnew() {
        ages.look(List.of(report(true, true, NOW)), NOW);
        assertThat(ages.look(List.of(), NOW.plusSeconds(60))).isEmpty();
        assertThat(ages.look(List.of(report(false, false, NOW)), NOW.plusSeconds(600))
                        .get("llama-a"))
                .isZero();
    }
}
