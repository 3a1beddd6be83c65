package io.inferwatch.api.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.catalogue.MetricCatalogue;
import io.inferwatch.histograms.Answer;
import io.inferwatch.histograms.Mark;
import io.inferwatch.histograms.SeriesTotals;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VersionWatchTest {
    private static final Instant NOW = Instant.parse("2026-01-05T12:00:00Z");

    private static SeriesTotals heard(String version, Instant at) {
        LabelSet labels = LabelSet.of("model", "m", "server", "a", "model_version", version);
        return new SeriesTotals(MetricCatalogue.require("llm.requests"), labels, 1, 1, 1, at);
    }

    private static List<String> texts(List<Mark> marks) {
        return marks.stream().map(Mark::text).toList();
    }

    @Test
    void anotherVersionIsADeploy_theFirstIsNot() {
        VersionWatch watch = new VersionWatch(List.of());
        assertThat(watch.look(List.of(heard("1", NOW)), NOW)).isEmpty();
        List<Mark> marks = watch.look(List.of(heard("1", NOW), heard("2", NOW.plusSeconds(5))), NOW.plusSeconds(5));
        assertThat(texts(marks)).containsExactly("model_version changed to 2");
        assertThat(marks.getFirst().labels()).isEqualTo(LabelSet.of("model", "m", "server", "a", "model_version", "2"));
    }

    @Test
    void twoVersionsSideBySideAreOneDeploy() {
        VersionWatch watch = new VersionWatch(List.of());
        watch.look(List.of(heard("1", NOW)), NOW);
        int marks = 0;
        for (int i = 1; i < 200; i++) {
            Instant t = NOW.plusSeconds(i * 10L);
            marks += watch.look(List.of(heard("1", t.minusSeconds(i % 2)), heard("2", t.minusSeconds(i % 3))), t)
                    .size();
        }
        assertThat(marks).isEqualTo(1);
    }

    @Test
    void theVersionOfBeforeIsADeployAgain_whenItComesBackAfterTenMinutes() {
        VersionWatch watch = new VersionWatch(List.of());
        watch.look(List.of(heard("1", NOW)), NOW);
        Instant later = NOW.plusSeconds(1_000);
        watch.look(List.of(heard("1", NOW), heard("2", later)), later);
        Instant back = later.plusSeconds(10);
        assertThat(texts(watch.look(List.of(heard("1", back), heard("2", later)), back)))
                .containsExactly("model_version changed to 1");
    }

    @Test
    void whatWasStoredBeforeARestartIsNoNews() {
        Answer.Stored stored = new Answer.Stored(NOW.minusSeconds(90_000), NOW.minusSeconds(7_200));
        VersionWatch watch = new VersionWatch(
                List.of(new Answer.SeriesInfo(heard("1", NOW).labels(), false, Optional.of(stored), false)));
        assertThat(watch.look(List.of(heard("1", NOW)), NOW)).isEmpty();
        assertThat(watch.look(List.of(heard("1", NOW), heard("2", NOW)), NOW)).hasSize(1);
    }
}
