package io.inferwatch.notifier.outages;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.notifier.testing.StrictReceivers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a GPU's throttle counter says in the window of a slow server stands in the message to Slack, to the percent: counter,
 * collector, journal, windows, rule, message.
 */
class ThrottledWindowTest {
    /** Past the window of {@code ttft_slow}, so that all of it is throttled alike. */
    private static final Duration WARM = Duration.ofMinutes(10);

    @Test
    void shareOfTheWindowIsInTheMessage_ofItsOwnGpuAndNoOther(@TempDir Path folder) {
        // The rules that would explain the slow server instead are left out: here it is to be told.
        try (SimulatedHost host = new SimulatedHost(folder, "disable: [gpu_throttled, model_health]")) {
            ModelServer slow = host.discover(new ModelServer("llama-a", "llama", 1, SimulatedHost.TRAFFIC_SEED));
            ModelServer other = host.discover(new ModelServer("llama-b", "llama", 1, SimulatedHost.TRAFFIC_SEED + 1));
            host.plug(new SimulatedGpu(2, other)).throttledShare = 0.9;
            host.plug(new SimulatedGpu(3, slow)).throttledShare = 0.41;
            host.run(WARM);

            slow.slowness = 3;
            host.run(WARM);

            List<String> messages = host.sidecar.receivers.calls.stream()
                    .map(StrictReceivers.Call::raw)
                    .filter(body -> body.contains("ttft_slow") && body.contains("llama-a"))
                    .toList();
            assertThat(messages)
                    .as("what was told: %s", host.told)
                    .isNotEmpty()
                    .first()
                    .asString()
                    .contains("GPU 3 was thermally throttled 41 % of the window")
                    .doesNotContain("GPU 2");
            assertThat(host.sidecar.receivers.faults).isEmpty();
        }
    }
}
