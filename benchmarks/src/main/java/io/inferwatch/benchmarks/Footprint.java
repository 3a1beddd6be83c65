package io.inferwatch.benchmarks;

import io.inferwatch.gpu.testing.ScriptedNvml;
import io.inferwatch.system.support.ProcessFigures;
import io.inferwatch.system.support.RunningSidecar;
import io.inferwatch.system.support.Traffic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/** What the sidecar costs its host at 100 requests/s, sent ten at a time, with eight GPUs read each second. */
final class Footprint {
    private static final Duration BETWEEN_PUSHES = Duration.ofMillis(100);
    private static final Duration WARM_UP = Duration.ofMinutes(1);

    private Footprint() {}

    static String measure(int minutes) {
        try {
            Path folder = Files.createTempDirectory("inferwatch-gpus-");
            ScriptedNvml nvml = ScriptedNvml.compile(folder).script("gpus 8", "gpu * utilization=80");
            try (RunningSidecar sidecar = RunningSidecar.with()
                    .config("gpu: {library: %s}\n".formatted(nvml.library()))
                    .start()) {
                return measure(sidecar, Duration.ofMinutes(minutes));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String measure(RunningSidecar sidecar, Duration time) {
        ProcessFigures figures = sidecar.figures();
        Traffic traffic = new Traffic(1, "f");
        long began = System.nanoTime();
        long warmNanos = began;
        double warmCpu = figures.cpuSeconds();
        for (long push = 0; push * BETWEEN_PUSHES.toNanos() < time.toNanos(); push++) {
            long due = began + push * BETWEEN_PUSHES.toNanos();
            LockSupport.parkNanos(due - System.nanoTime());
            sidecar.api().push(traffic.take(10, 3, "chat"));
            if (push * BETWEEN_PUSHES.toNanos() == WARM_UP.toNanos()) {
                warmNanos = System.nanoTime();
                warmCpu = figures.cpuSeconds();
            }
        }
        double cpu = (figures.cpuSeconds() - warmCpu) / ((System.nanoTime() - warmNanos) / 1e9);
        return String.format(
                Locale.ROOT,
                "%.2f %% of one core, %.0f MiB resident after %d min at 100 requests/s and 8 scripted GPUs",
                cpu * 100,
                figures.residentMebibytes(),
                time.toMinutes());
    }
}
