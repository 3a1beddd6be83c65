package io.inferwatch.notifier;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.notifier.testing.Sidecar;
import io.inferwatch.notifier.testing.StrictReceivers;
import io.inferwatch.notifier.testing.StrictReceivers.Instead;
import io.inferwatch.notifier.testing.Yaml;
import io.inferwatch.notifier.watchdog.Heartbeat;
import io.inferwatch.rules.NotificationPlan;
import io.inferwatch.rules.NotificationPlan.FlapGuard;
import io.inferwatch.rules.NotificationPlan.Receiver;
import io.inferwatch.rules.NotificationPlan.Watchdog;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeartbeatTest {
    private Sidecar sidecar;
    private StrictReceivers seen;
    private Heartbeat heartbeat;
    private boolean isWorking = true;

    @BeforeEach
    void start(@TempDir Path folder) {
        sidecar = new Sidecar(folder);
        seen = sidecar.receivers;
        Receiver pager = sidecar.pagerDuty("pd", Map.of());
        Receiver url = Yaml.receiver("watchdog", "watchdog", Map.of("url", seen.url() + "/beat"));
        Watchdog watchdog = new Watchdog(url.settings(), Duration.ofMinutes(1), List.of("pd"));
        sidecar.plan = new NotificationPlan(
                List.of(),
                Map.of("pd", pager),
                List.of(),
                Map.of(),
                List.of(),
                FlapGuard.DEFAULT,
                Optional.of(watchdog));
        heartbeat = newHeartbeat();
        sidecar.tick();
    }

    private Heartbeat newHeartbeat() {
        return new Heartbeat(
                sidecar.outbound,
                name -> null,
                "gpu-host-17",
                sidecar.clock,
                () -> isWorking,
                () -> sidecar.plan.watchdog(),
                beats -> sidecar.pipeline.beats(beats));
    }

    @AfterEach
    void nothingWasDoneWrong() {
        sidecar.close();
        assertThat(seen.faults).isEmpty();
    }

    private void beat(int times, int status) {
        for (int i = 0; i < times; i++) {
            seen.instead.clear();
            seen.instead.add(Instead.status(status));
            Duration next = heartbeat.step();
            assertThat(next).isEqualTo(Duration.ofMinutes(1));
            sidecar.work();
            sidecar.run(next);
        }
    }

    @Test
    void beatSaysWhoAndWhen() {
        sidecar.clock.advance(Duration.ofSeconds(3));
        seen.instead.clear();
        heartbeat.step();
        assertThat(seen.calls).singleElement().satisfies(call -> {
            assertThat(call.path()).isEqualTo("/beat");
            assertThat(call.body())
                    .containsOnly(
                            Map.entry("host", "gpu-host-17"),
                            Map.entry("time", sidecar.clock.instant().toString()));
        });
        seen.faults.clear();
    }

    @Test
    void receiversAreToldOnce_whenThreeBeatsFailed_andOnceWhenTheyReturn() {
        beat(2, 500);
        assertThat(seen.open).isEmpty();
        beat(1, 404);
        assertThat(seen.open).hasSize(1);
        assertThat(seen.calls.getLast().raw()).contains("3 heartbeats in a row failed: HTTP 404");
        beat(10, 503);
        assertThat(seen.created).hasSize(1);
        beat(1, 204);
        assertThat(seen.open).isEmpty();
        assertThat(seen.created).hasSize(1);
    }

    @Test
    void openIsClosedAfterARestart_onlyOnceABeatArrived() {
        beat(3, 500);
        sidecar.restart();
        heartbeat = newHeartbeat();
        sidecar.run(Duration.ofMinutes(20));
        assertThat(seen.open).hasSize(1);
        beat(1, 200);
        assertThat(seen.open).isEmpty();
    }

    @Test
    void nothingIsSent_whileTheSidecarDoesNotWork() {
        isWorking = false;
        assertThat(heartbeat.step()).isEqualTo(Duration.ofMinutes(1));
        assertThat(seen.calls).isEmpty();
    }
}
