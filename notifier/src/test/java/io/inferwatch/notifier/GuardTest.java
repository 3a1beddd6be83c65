package io.inferwatch.notifier;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.notifier.testing.Engine;
import io.inferwatch.notifier.testing.Sidecar;
import io.inferwatch.notifier.testing.StrictReceivers;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.Tier;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuardTest {
    private static final AlertKey LLAMA = Engine.key("ttft_slow", "model", "llama");

    private Sidecar sidecar;
    private StrictReceivers seen;

    @BeforeEach
    void start(@TempDir Path folder) {
        sidecar = new Sidecar(folder);
        seen = sidecar.receivers;
        sidecar.routeAllTo(sidecar.pagerDuty("pd", Map.of()));
    }

    @AfterEach
    void nothingWasDoneWrong() {
        sidecar.close();
        assertThat(seen.faults).isEmpty();
    }

    private static AlertKey gpu(int number) {
        return Engine.key("gpu_hot", "gpu", Integer.toString(number));
    }

    private void fire(int from, int to) {
        for (int i = from; i < to; i++) {
            sidecar.firing.put(gpu(i), Tier.P2);
        }
    }

    @Test
    void twentyNewGroupsAreToldByThemselves() {
        fire(0, 20);
        sidecar.tick();
        assertThat(seen.open).hasSize(20);
    }

    @Test
    void moreThanTwentyAtOnceAreOne_whichClosesWithItsLastMember() {
        fire(0, 50);
        sidecar.tick();
        assertThat(seen.created).containsExactly("inferwatch/gpu-host-17/sidecar_storm/receiver=pd");
        assertThat(seen.calls.getFirst().raw()).contains("Storm: 50 alerts at once");

        sidecar.restart();
        for (int i = 0; i < 49; i++) {
            sidecar.firing.remove(gpu(i));
        }
        sidecar.run(Duration.ofMinutes(5));
        assertThat(seen.open).hasSize(1);
        sidecar.firing.clear();
        sidecar.run(Duration.ofSeconds(2));
        assertThat(seen.open).isEmpty();
        assertThat(seen.created).hasSize(1);
    }

    @Test
    void whatWasToldBeforeTheStormStaysByItself_andTheRestIsOne() {
        fire(0, 15);
        sidecar.tick();
        sidecar.clock.advance(Duration.ofSeconds(30));
        fire(15, 40);
        sidecar.tick();
        assertThat(seen.open).hasSize(16);

        sidecar.run(Duration.ofMinutes(2));
        fire(40, 45);
        sidecar.run(Duration.ofSeconds(1));
        assertThat(seen.open)
                .as("the storm is over, new ones are told by themselves")
                .hasSize(21);
        sidecar.firing.clear();
        sidecar.run(Duration.ofSeconds(2));
        assertThat(seen.open).isEmpty();
    }

    @Test
    void stormIsRaisedAndWakes_whenOneOfItsMembersIs() {
        fire(0, 30);
        sidecar.tick();
        sidecar.firing.put(gpu(7), Tier.P0);
        sidecar.run(Duration.ofSeconds(2));
        assertThat(seen.open)
                .containsOnlyKeys(StrictReceivers.ROUTING_KEY + " inferwatch/gpu-host-17/sidecar_storm/receiver=pd#P0");
    }

    private void flip(int times) {
        for (int i = 0; i < times; i++) {
            if (sidecar.firing.remove(LLAMA) == null) {
                sidecar.firing.put(LLAMA, Tier.P2);
            }
            sidecar.run(Duration.ofSeconds(30));
        }
    }

    @Test
    void restlessGroupIsToldToFlapOnce_staysOpenAndIsClosedWhenItHasBeenStable() {
        flip(6);
        assertThat(seen.calls).hasSize(6);
        assertThat(seen.open).isEmpty();
        flip(1);
        assertThat(seen.calls).hasSize(7);
        assertThat(seen.calls.getLast().raw()).contains("flapping: more than 6 changes within 1h");
        flip(15);
        sidecar.restart();
        assertThat(seen.calls).hasSize(7);
        assertThat(seen.open).hasSize(1);
        sidecar.firing.clear();
        sidecar.run(Duration.ofMinutes(29));
        assertThat(seen.open).hasSize(1);
        sidecar.run(Duration.ofMinutes(2));
        assertThat(seen.open).isEmpty();
        assertThat(seen.calls).hasSize(8);
    }

    @Test
    void closeThatWouldBeOneTooManyIsToldAsFlapping() {
        sidecar.firing.put(LLAMA, Tier.P3);
        sidecar.run(Duration.ofSeconds(30));
        sidecar.firing.put(LLAMA, Tier.P2);
        sidecar.run(Duration.ofSeconds(30));
        sidecar.firing.put(LLAMA, Tier.P3);
        sidecar.run(Duration.ofSeconds(30));
        sidecar.firing.put(LLAMA, Tier.P2);
        sidecar.run(Duration.ofSeconds(30));
        flip(2);
        assertThat(seen.calls).hasSize(6);
        flip(1);
        assertThat(seen.open).as("held open, told to flap").hasSize(1);
        assertThat(seen.calls).hasSize(7);
        sidecar.run(Duration.ofMinutes(31));
        assertThat(seen.open).isEmpty();
    }

    @Test
    void riseAboveTheHighestTierToldIsNeverHeldBack() {
        flip(8);
        assertThat(seen.calls).hasSize(7);
        sidecar.firing.put(LLAMA, Tier.P0);
        sidecar.run(Duration.ofSeconds(2));
        assertThat(seen.open.keySet()).singleElement().asString().endsWith("#P0");
    }

    @Test
    void calmGroupIsToldAgainAsAnyOther_afterItsHold() {
        flip(8);
        sidecar.firing.clear();
        sidecar.run(Duration.ofMinutes(31));
        assertThat(seen.open).isEmpty();
        int before = seen.calls.size();
        flip(2);
        assertThat(seen.calls).hasSize(before + 2);
        assertThat(seen.calls.getLast().raw()).doesNotContain("flapping");
    }
}
