package io.inferwatch.api.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.gpu.GpuFleet;
import io.inferwatch.histograms.Mark;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DriverWatchTest {
    private static final Instant NOW = Instant.parse("2026-01-05T12:00:00Z");

    private final DriverWatch watch = new DriverWatch();

    private static GpuFleet driver(String version, int generation) {
        return new GpuFleet(Optional.of(version), generation, List.of(), Optional.empty());
    }

    private static GpuFleet away(int generation) {
        return new GpuFleet(Optional.empty(), generation, List.of(), Optional.of("NVML: driver not loaded"));
    }

    @Test
    void theFirstLoadIsNone_alsoWhereItComesLate() {
        assertThat(watch.look(away(0), NOW)).isEmpty();
        assertThat(watch.look(driver("590.48.01", 1), NOW)).isEmpty();
        assertThat(watch.look(driver("590.48.01", 1), NOW)).isEmpty();
    }

    @Test
    void aReloadIsMarkedOnce_whenItAnswersAgain() {
        watch.look(driver("590.48.01", 1), NOW);
        assertThat(watch.look(away(1), NOW)).isEmpty();
        assertThat(watch.look(driver("590.48.01", 2), NOW.plusSeconds(9)))
                .contains(new Mark(
                        NOW.plusSeconds(9), "driver_reload", LabelSet.EMPTY, "GPU driver 590.48.01 was loaded again"));
        assertThat(watch.look(driver("590.48.01", 2), NOW.plusSeconds(10))).isEmpty();
    }

    @Test
    void anotherVersionIsNamedBesideTheOneBefore() {
        watch.look(driver("580.65.06", 1), NOW);
        assertThat(watch.look(driver("590.48.01", 2), NOW).map(Mark::text))
                .contains("GPU driver 590.48.01 was loaded, it was 580.65.06");
    }
}
