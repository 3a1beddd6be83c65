package io.inferwatch.api.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.histograms.LabelMatcher;
import io.inferwatch.histograms.Mark;
import io.inferwatch.rules.AlertMatch;
import io.inferwatch.rules.Silence;
import io.inferwatch.rules.Tier;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SilenceWatchTest {
    private static final Instant NOW = Instant.parse("2026-01-05T12:00:00Z");
    private static final AlertMatch CANARY = new AlertMatch(
            Set.of(Tier.P2, Tier.P1),
            Optional.of(new LabelMatcher("rule", List.of("ttft_slow"), false)),
            List.of(
                    new LabelMatcher("model", List.of("llama"), false),
                    new LabelMatcher("server", List.of("canary-*"), false)));

    private final SilenceWatch watch = new SilenceWatch(NOW);

    private static Silence silence(String id, long from, long until) {
        return new Silence(id, CANARY, NOW.plusSeconds(from), NOW.plusSeconds(until), "ops", "load test");
    }

    private static List<String> texts(List<Mark> marks) {
        return marks.stream().map(Mark::text).toList();
    }

    @Test
    void whatAnOperatorBegins_andItsEnd_areMarked() {
        watch.look(List.of(), List.of(), NOW);
        Silence made = silence("s-1", 1, 60);
        List<Mark> begun = watch.look(List.of(), List.of(made), NOW.plusSeconds(2));
        assertThat(begun)
                .containsExactly(new Mark(
                        NOW.plusSeconds(1),
                        "silence",
                        LabelSet.of("model", "llama"),
                        "silence begins, until 2026-01-05T12:01:00Z: tier=P1|P2 rule=ttft_slow model=llama server=canary-*"
                                + " by ops: load test"));
        assertThat(watch.look(List.of(), List.of(made), NOW.plusSeconds(30))).isEmpty();
        List<Mark> ended = watch.look(List.of(), List.of(made), NOW.plusSeconds(61));
        assertThat(texts(ended)).singleElement().asString().startsWith("silence ends: tier=P1|P2 rule=ttft_slow");
        assertThat(ended.getFirst().at()).isEqualTo(NOW.plusSeconds(60));
    }

    @Test
    void oneTakenBackEndsEarly() {
        watch.look(List.of(), List.of(), NOW);
        watch.look(List.of(), List.of(silence("s-1", 1, 600)), NOW.plusSeconds(2));
        List<Mark> ended = watch.look(List.of(), List.of(), NOW.plusSeconds(20));
        assertThat(texts(ended)).singleElement().asString().startsWith("silence ends early: ");
        assertThat(ended.getFirst().at()).isEqualTo(NOW.plusSeconds(20));
    }

    @Test
    void oneOfTheFileBeginsWhenItsTimeComes_whereverItStandsThere() {
        Silence planned = silence("file-1", 100, 200);
        assertThat(watch.look(List.of(planned), List.of(), NOW)).isEmpty();
        List<Mark> begun = watch.look(List.of(planned), List.of(), NOW.plusSeconds(101));
        assertThat(begun).extracting(Mark::at).containsExactly(NOW.plusSeconds(100));
        assertThat(watch.look(
                        List.of(silence("file-1", 500, 600), silence("file-2", 100, 200)),
                        List.of(),
                        NOW.plusSeconds(102)))
                .as("another was written before it")
                .isEmpty();
    }

    @Test
    void whatWasInForceBeforeTheStart_isNotMarkedAgain() {
        assertThat(watch.look(List.of(silence("file-1", -100, 100)), List.of(silence("s-1", -50, 100)), NOW))
                .isEmpty();
        assertThat(texts(watch.look(List.of(), List.of(), NOW.plusSeconds(200))))
                .hasSize(2);
    }

    @Test
    void oneMadeJustAfterTheStartIsMarked() {
        assertThat(watch.look(List.of(), List.of(silence("s-1", 1, 60)), NOW.plusSeconds(2)))
                .hasSize(1);
    }

    @Test
    void aLongReasonIsCut() {
        Silence wordy = new Silence("s-1", CANARY, NOW, NOW.plusSeconds(60), "ops", "because ".repeat(120));
        List<Mark> marks = watch.look(List.of(), List.of(wordy), NOW.plusSeconds(1));
        assertThat(marks.getFirst().text()).hasSize(1_000).endsWith("…");
    }
}
