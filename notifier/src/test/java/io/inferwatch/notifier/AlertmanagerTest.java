package io.inferwatch.notifier;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.notifier.testing.Engine;
import io.inferwatch.notifier.testing.Sidecar;
import io.inferwatch.notifier.testing.StrictReceivers;
import io.inferwatch.notifier.testing.Yaml;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.Tier;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cluster of two members, as far as a sender sees it. */
class AlertmanagerTest {
    private static final AlertKey LLAMA = Engine.key("ttft_slow", "model", "llama", "my.label", "x");

    private Sidecar sidecar;
    private StrictReceivers seen;

    @BeforeEach
    void start(@TempDir Path folder) {
        sidecar = new Sidecar(folder);
        seen = sidecar.receivers;
        sidecar.routeAllTo(Yaml.receiver(
                "am", "alertmanager", Map.of("urls", List.of(seen.url() + "/one/", seen.url() + "/two"))));
    }

    @AfterEach
    void nothingWasDoneWrong() {
        sidecar.close();
        assertThat(seen.faults).isEmpty();
    }

    @Test
    void everyMemberHasTheAlertWithItsTierAsSeverity_andHearsItsEnd() {
        sidecar.firing.put(LLAMA, Tier.P1);
        sidecar.tick();
        for (String member : List.of("/one", "/two")) {
            assertThat(seen.firingAt(member))
                    .singleElement()
                    .asString()
                    .contains("alertname=ttft_slow", "severity=P1", "model=llama", "my_label=x", "host=gpu-host-17")
                    .contains("team=inference");
        }
        sidecar.firing.clear();
        sidecar.run(Duration.ofSeconds(1));
        assertThat(seen.firingAt("/one")).isEmpty();
        assertThat(seen.firingAt("/two")).isEmpty();
    }

    @Test
    void whatFiresIsSentAgainEachMinute_andStaysFiring() {
        sidecar.firing.put(LLAMA, Tier.P1);
        sidecar.tick();
        int before = seen.calls.size();
        sidecar.run(Duration.ofMinutes(30));
        assertThat(seen.firingAt("/two")).hasSize(1);
        assertThat(seen.calls.size() - before).as("two members, thirty minutes").isBetween(58, 62);
        assertThat(sidecar.pipeline.recentDeliveries(100).join())
                .as("repeats are no deliveries")
                .hasSize(1);
    }

    @Test
    void alertsEndByThemselves_whenTheSidecarIsDead_andFireAgainOnceItIsBack() {
        sidecar.firing.put(LLAMA, Tier.P1);
        sidecar.tick();
        sidecar.clock.advance(Duration.ofMinutes(5));
        assertThat(seen.firingAt("/one")).isEmpty();
        sidecar.restart();
        sidecar.tick();
        assertThat(seen.firingAt("/one")).hasSize(1);
    }

    @Test
    void anotherTierEndsTheAlertOfTheTierBefore_alsoOverARestart() {
        sidecar.firing.put(LLAMA, Tier.P2);
        sidecar.tick();
        sidecar.restart();
        sidecar.firing.put(LLAMA, Tier.P0);
        sidecar.run(Duration.ofSeconds(2));
        assertThat(seen.firingAt("/one")).singleElement().asString().contains("severity=P0");
    }

    @Test
    void oneMemberIsEnough_andTheOtherHasItAMinuteLater() {
        seen.instead.add(StrictReceivers.Instead.status(503));
        sidecar.firing.put(LLAMA, Tier.P1);
        sidecar.tick();
        assertThat(sidecar.pipeline.stats().outboxDepth()).isZero();
        assertThat(seen.firingAt("/one")).isEmpty();
        assertThat(seen.firingAt("/two")).hasSize(1);
        sidecar.run(Duration.ofSeconds(61));
        assertThat(seen.firingAt("/one")).hasSize(1);
    }

    @Test
    void aHundredAtOnceAreNoStormForIt() {
        for (int i = 0; i < 100; i++) {
            sidecar.firing.put(Engine.key("gpu_hot", "gpu", "" + i), Tier.P2);
        }
        sidecar.run(Duration.ofSeconds(10));
        assertThat(seen.firingAt("/one")).hasSize(100);
    }
}
