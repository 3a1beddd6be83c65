package io.inferwatch.api.cli;

import io.inferwatch.gpu.GpuConfig;
import io.inferwatch.gpu.GpuFleet;
import io.inferwatch.gpu.GpuProbe;
import io.inferwatch.gpu.jna.JnaNvml;
import java.time.Duration;
import java.time.InstantSource;

/** The GPUs of this host by a probe of the command's own, where no sidecar answers. */
final class LocalGpus implements AutoCloseable {
    private static final Duration FIRST_WORD = Duration.ofSeconds(10);

    private final GpuProbe probe;
    private final Duration settle;
    private boolean hasSettled;

    /** Begins to read, at the interval of the configuration. */
    LocalGpus(GpuConfig config) {
        probe = new GpuProbe(
                config, JnaNvml.opener(config.library()), InstantSource.system(), System::nanoTime, poll -> {});
        Duration twoPolls = config.interval().multipliedBy(2).plusMillis(500);
        Duration longest = Duration.ofSeconds(5);
        settle = twoPolls.compareTo(longest) > 0 ? longest : twoPolls;
        probe.start();
    }

    /**
     * What they say. The first time it takes until activity, which is measured from poll to poll, has its first value.
     *
     * @throws InterruptedException when interrupted meanwhile
     */
    GpuFleet fleet() throws InterruptedException {
        if (!hasSettled) {
            hasSettled = true;
            probe.awaitFirstWord(FIRST_WORD);
            if (!probe.fleet().gpus().isEmpty()) {
                Thread.sleep(settle);
            }
        }
        return probe.fleet();
    }

    @Override
    public void close() {
        probe.stop();
    }
}
