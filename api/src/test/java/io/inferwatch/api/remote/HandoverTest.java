package io.inferwatch.api.remote;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HandoverTest {
    private static final Handover.Answer TAKEN = new Handover.Answer(202, "{\"accepted\":1,\"rejected\":0}");

    private final List<String> posted = new ArrayList<>();
    private final ArrayDeque<Handover.Answer> answers = new ArrayDeque<>();
    private final Handover handover = new Handover(this::answer, 1_000);

    /** Without a prepared answer the sidecar is away. */
    private Handover.Answer answer(byte[] body) throws IOException {
        posted.add(new String(body, StandardCharsets.UTF_8));
        Handover.Answer next = answers.poll();
        if (next == null) {
            throw new IOException("nobody listens");
        }
        return next;
    }

    private void add(String line) {
        handover.add((line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void whatWaits_goesInOneBody_inOrder() throws InterruptedException {
        add("a");
        add("b");
        answers.add(TAKEN);
        assertThat(handover.step()).isZero();
        assertThat(posted).containsExactly("a\nb\n");
        assertThat(handover.stats()).isEqualTo(new Handover.Stats(2, 0, 0, 0));
        assertThat(handover.step()).isPositive();
        assertThat(posted).hasSize(1);
    }

    @Test
    void whileTheSidecarIsAwayOrBusy_recordsWait_longerEachTime_andAreSentAgain() throws InterruptedException {
        add("a");
        assertThat(handover.step()).isEqualTo(Duration.ofMillis(500));
        answers.add(new Handover.Answer(503, ""));
        assertThat(handover.step()).isEqualTo(Duration.ofSeconds(1));
        add("b");
        answers.add(TAKEN);
        handover.step();
        assertThat(posted).containsExactly("a\n", "a\n", "a\nb\n");
        assertThat(handover.stats()).isEqualTo(new Handover.Stats(2, 0, 0, 0));
    }

    @Test
    void pastTheBound_theOldestAreDropped_andCounted() throws InterruptedException {
        for (int i = 0; i < 300; i++) {
            add("%03d".formatted(i));
        }
        assertThat(handover.stats()).isEqualTo(new Handover.Stats(0, 250, 50, 0));
        answers.add(TAKEN);
        handover.step();
        assertThat(posted.getFirst()).startsWith("050\n").endsWith("299\n");
    }

    @Test
    void whatTheSidecarRejects_isCounted_andNotSentAgain() throws InterruptedException {
        add("a");
        add("b");
        answers.add(new Handover.Answer(202, "{\"accepted\":1,\"duplicates\":0,\"rejected\":1}"));
        handover.step();
        add("c");
        answers.add(new Handover.Answer(400, "{\"detail\":\"no\",\"rejected\": 1}"));
        handover.step();
        assertThat(handover.stats()).isEqualTo(new Handover.Stats(1, 0, 0, 2));
    }
}
