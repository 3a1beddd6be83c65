package io.inferwatch.api.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressTest {
    @Test
    void longWork_saysHowFarItIsEveryTwoSeconds_andShortWorkNothing() {
        AtomicLong nanos = new AtomicLong();
        ByteArrayOutputStream told = new ByteArrayOutputStream();
        Progress progress = new Progress(new PrintStream(told, true, StandardCharsets.UTF_8), nanos::get);

        for (int percent = 0; percent < 100; percent += 10) {
            int done = percent;
            progress.tell(() -> done + " % read");
            nanos.addAndGet(Duration.ofMillis(500).toNanos());
        }

        assertThat(told.toString(StandardCharsets.UTF_8).lines())
                .containsExactly("inferwatch: 40 % read", "inferwatch: 80 % read");
    }
}
