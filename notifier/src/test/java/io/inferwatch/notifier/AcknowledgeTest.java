package io.inferwatch.notifier;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.notifier.testing.Engine;
import io.inferwatch.notifier.testing.Sidecar;
import io.inferwatch.notifier.testing.StrictReceivers;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.NotificationPlan;
import io.inferwatch.rules.NotificationPlan.Escalation;
import io.inferwatch.rules.NotificationPlan.Receiver;
import io.inferwatch.rules.NotificationPlan.Route;
import io.inferwatch.rules.Tier;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AcknowledgeTest {
    private static final AlertKey LLAMA = Engine.key("ttft_slow", "model", "llama");
    private static final AlertKey QWEN = Engine.key("ttft_slow", "model", "qwen");
    private static final String KEY = "inferwatch/gpu-host-17/ttft_slow/model=llama";
    private static final String GROUP_KEY = "inferwatch/gpu-host-17/ttft_slow/";

    private Sidecar sidecar;
    private StrictReceivers seen;

    @BeforeEach
    void start(@TempDir Path folder) {
        sidecar = new Sidecar(folder);
        seen = sidecar.receivers;
    }

    @AfterEach
    void nothingWasDoneWrong() {
        sidecar.close();
        assertThat(seen.faults).isEmpty();
    }

    private void acknowledge(AlertKey key) {
        var ordered = sidecar.pipeline.acknowledge(sidecar.alertId(key), "ada");
        sidecar.work();
        assertThat(ordered).isCompleted();
        assertThat(ordered.join())
                .hasValueSatisfying(ack -> assertThat(ack.by()).isEqualTo("ada"));
    }

    private void routeByRule(Receiver receiver, Optional<Duration> repeat) {
        Route route = new Route(
                Set.of(),
                Optional.empty(),
                List.of(),
                List.of(receiver.name()),
                false,
                Optional.of(List.of("rule")),
                Duration.ZERO,
                Duration.ofSeconds(1),
                repeat);
        sidecar.plan = new NotificationPlan(List.of(route), Map.of(receiver.name(), receiver));
    }

    @Test
    void ackIsPassedOnOnceAndKeptOverARestart() {
        sidecar.routeAllTo(sidecar.pagerDuty("pd", Map.of()), sidecar.slack("slack", Map.of("thread_updates", "true")));
        sidecar.firing.put(LLAMA, Tier.P1);
        sidecar.tick();
        acknowledge(LLAMA);

        assertThat(seen.acknowledged).containsExactly(KEY);
        assertThat(seen.messages.values().toString()).contains("Acknowledged by ada");
        assertThat(seen.messages).as("the message and one reply in its thread").hasSize(2);
        sidecar.restart();
        sidecar.run(Duration.ofMinutes(5));
        assertThat(seen.acknowledged).hasSize(1);
        assertThat(sidecar.pipeline.acks()).containsOnlyKeys(sidecar.alertId(LLAMA));

        sidecar.firing.clear();
        sidecar.run(Duration.ofSeconds(1));
        assertThat(seen.open).isEmpty();
        assertThat(sidecar.pipeline.acks()).isEmpty();
        assertThat(sidecar.database.count("operator_order")).isZero();
    }

    @Test
    void unknownAlertCannotBeAcknowledged() {
        sidecar.routeAllTo(sidecar.pagerDuty("pd", Map.of()));
        sidecar.tick();
        assertThat(sidecar.pipeline.acknowledge("nonsense", "ada").join()).isEmpty();
    }

    @Test
    void acknowledgedAlertIsNotRepeated() {
        routeByRule(sidecar.pagerDuty("pd", Map.of()), Optional.of(Duration.ofMinutes(10)));
        sidecar.firing.put(LLAMA, Tier.P2);
        sidecar.tick();
        sidecar.run(Duration.ofMinutes(10));
        assertThat(seen.calls).hasSize(2);
        acknowledge(LLAMA);
        sidecar.run(Duration.ofHours(1));
        assertThat(seen.calls).hasSize(3);
    }

    @Test
    void newInstanceInAnAcknowledgedGroupWakesByANewKey() {
        routeByRule(sidecar.pagerDuty("pd", Map.of()), Optional.empty());
        sidecar.firing.put(LLAMA, Tier.P2);
        sidecar.tick();
        acknowledge(LLAMA);
        sidecar.firing.put(QWEN, Tier.P2);
        sidecar.run(Duration.ofSeconds(2));

        assertThat(seen.created).containsExactly(GROUP_KEY, GROUP_KEY + "#2");
        assertThat(seen.open.keySet()).containsExactly(StrictReceivers.ROUTING_KEY + " " + GROUP_KEY + "#2");
        acknowledge(QWEN);
        assertThat(seen.acknowledged).containsExactly(GROUP_KEY, GROUP_KEY + "#2");
    }

    @Test
    void riseAboveWhatWasAcknowledgedWakesAndIsNobodysAgain() {
        sidecar.routeAllTo(sidecar.pagerDuty("pd", Map.of()));
        sidecar.firing.put(LLAMA, Tier.P2);
        sidecar.tick();
        acknowledge(LLAMA);
        sidecar.firing.put(LLAMA, Tier.P0);
        sidecar.run(Duration.ofMinutes(1));

        assertThat(seen.created).containsExactly(KEY, KEY + "#P0");
        assertThat(seen.acknowledged).containsExactly(KEY);
    }

    private void escalate() {
        Map<String, Receiver> receivers = new LinkedHashMap<>();
        receivers.put("slack", sidecar.slack("slack", Map.of()));
        receivers.put("pd", sidecar.pagerDuty("pd", Map.of()));
        Route route = Sidecar.route(
                List.of("slack"), List.of(), List.of(new Escalation(Duration.ofMinutes(15), List.of("pd"))));
        sidecar.plan = new NotificationPlan(List.of(route), receivers);
        sidecar.firing.put(LLAMA, Tier.P1);
        sidecar.tick();
    }

    @Test
    void othersAreTold_whenNobodyAcknowledgedInTime_andHearItsEnd() {
        escalate();
        sidecar.run(Duration.ofSeconds(899));
        assertThat(seen.open).isEmpty();
        sidecar.run(Duration.ofSeconds(1));
        assertThat(seen.open).hasSize(1);
        assertThat(seen.calls.getLast().raw()).contains("nobody acknowledged it within 15m");

        acknowledge(LLAMA);
        sidecar.run(Duration.ofMinutes(1));
        assertThat(seen.open).as("an acknowledgement closes nothing").hasSize(1);
        assertThat(seen.acknowledged).hasSize(1);
        sidecar.firing.clear();
        sidecar.run(Duration.ofSeconds(1));
        assertThat(seen.open).isEmpty();
    }

    @Test
    void nobodyElseIsTold_whenItWasAcknowledgedInTime() {
        escalate();
        sidecar.run(Duration.ofMinutes(14));
        acknowledge(LLAMA);
        sidecar.run(Duration.ofHours(2));
        assertThat(seen.created).isEmpty();
    }

    @Test
    void acknowledgementMadeAtPagerDutyCounts_whereAnApiTokenIsGiven() {
        sidecar.routeAllTo(
                sidecar.pagerDuty("pd", Map.of("api_token", StrictReceivers.API_TOKEN)),
                sidecar.slack("slack", Map.of()));
        sidecar.firing.put(LLAMA, Tier.P1);
        sidecar.tick();
        sidecar.run(Duration.ofSeconds(60));
        assertThat(sidecar.pipeline.acks()).isEmpty();
        int asked = seen.incidentQueries.size();
        assertThat(asked).isBetween(1, 3);

        seen.ackedAtPagerDuty.add(KEY);
        sidecar.run(Duration.ofSeconds(31));
        assertThat(sidecar.pipeline.acks().values())
                .singleElement()
                .satisfies(ack -> assertThat(ack.by()).isEqualTo("Grace at PagerDuty"));
        assertThat(seen.messages.values().toString()).contains("Acknowledged by Grace at PagerDuty");
        int then = seen.incidentQueries.size();
        sidecar.run(Duration.ofMinutes(5));
        assertThat(seen.incidentQueries).as("nothing is left to ask for").hasSize(then);
    }

    @Test
    void nobodyIsAsked_whereThereIsNoApiToken() {
        sidecar.routeAllTo(sidecar.pagerDuty("pd", Map.of()));
        sidecar.firing.put(LLAMA, Tier.P1);
        sidecar.run(Duration.ofMinutes(5));
        assertThat(seen.incidentQueries).isEmpty();
    }
}
