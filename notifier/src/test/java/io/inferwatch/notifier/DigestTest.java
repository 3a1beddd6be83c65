package io.inferwatch.notifier;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.histograms.LabelMatcher;
import io.inferwatch.notifier.testing.Engine;
import io.inferwatch.notifier.testing.Sidecar;
import io.inferwatch.notifier.testing.StrictReceivers;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.AlertMatch;
import io.inferwatch.rules.DigestTimes;
import io.inferwatch.rules.MuteTime;
import io.inferwatch.rules.NotificationPlan;
import io.inferwatch.rules.NotificationPlan.FlapGuard;
import io.inferwatch.rules.NotificationPlan.Receiver;
import io.inferwatch.rules.NotificationPlan.Route;
import io.inferwatch.rules.Tier;
import java.nio.file.Path;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The clock begins on Friday, 2026-11-20, at 12:00 UTC. */
class DigestTest {
    private static final AlertKey IDLE = Engine.key("gpu_idle", "gpu", "0");
    private static final AlertKey SLOW = Engine.key("ttft_slow", "model", "llama");

    private Sidecar sidecar;
    private StrictReceivers seen;

    @BeforeEach
    void start(@TempDir Path folder) {
        sidecar = new Sidecar(folder);
        seen = sidecar.receivers;
        Receiver plain = sidecar.slack("daily", Map.of("mention", "here"));
        DigestTimes times = new DigestTimes(
                LocalTime.of(12, 30),
                EnumSet.range(DayOfWeek.MONDAY, DayOfWeek.FRIDAY),
                ZoneId.of("UTC"),
                Optional.of(DayOfWeek.FRIDAY));
        Receiver daily = new Receiver("daily", "slack", Optional.empty(), Optional.of(times), plain.settings());
        Receiver pager = sidecar.pagerDuty("pd", Map.of());
        MuteTime.Interval noon = new MuteTime.Interval(
                EnumSet.allOf(DayOfWeek.class), LocalTime.of(12, 0), LocalTime.of(12, 20), ZoneId.of("UTC"));
        Route p3 = Sidecar.route(List.of("daily"), Tier.P3);
        Route rest = Sidecar.route(List.of("pd"), List.of("noon"), List.of());
        sidecar.plan = new NotificationPlan(
                List.of(p3, rest),
                Map.of("daily", daily, "pd", pager),
                List.of(),
                Map.of("noon", new MuteTime("noon", List.of(noon))),
                List.of(),
                FlapGuard.DEFAULT,
                Optional.empty());
        sidecar.tick();
    }

    @AfterEach
    void nothingWasDoneWrong() {
        sidecar.close();
        assertThat(seen.faults).isEmpty();
    }

    private List<String> messages() {
        return seen.messages.values().stream().map(Object::toString).toList();
    }

    @Test
    void digestTellsOfWhatFires_andOfWhatCameAndWentWhileItWasMuted() {
        sidecar.firing.put(IDLE, Tier.P3);
        sidecar.firing.put(SLOW, Tier.P1);
        sidecar.run(Duration.ofMinutes(5));
        sidecar.firing.remove(SLOW);
        sidecar.run(Duration.ofMinutes(20));
        assertThat(seen.calls)
                .as("P3 waits for the digest, the other was muted")
                .isEmpty();

        sidecar.run(Duration.ofMinutes(5));
        assertThat(messages()).hasSize(2);
        assertThat(messages().getFirst())
                .contains("Alerts of the last while on gpu-host-17")
                .contains("P3 fires since 2026-11-20T12:00Z gpu_idle")
                .contains("P1 2026-11-20T12:00Z to 2026-11-20T12:05Z ttft_slow", "(mute time noon)");
        assertThat(messages().getLast())
                .contains("Alert quality of the week on gpu-host-17")
                .contains("gpu_idle: fired 1, notified 0, never acked, flapped 0")
                .contains("ttft_slow: fired 1, notified 0, muted 1 (mute time noon), never acked, closed within 5m 0%");

        sidecar.restart();
        sidecar.run(Duration.ofMinutes(30));
        assertThat(messages()).as("once").hasSize(2);
    }

    @Test
    void routeMayAskForALabelThatTheRuleGives() {
        AlertMatch team =
                new AlertMatch(Set.of(), Optional.empty(), List.of(new LabelMatcher("team", List.of("gpu-0"), false)));
        Route all = Sidecar.route(List.of("daily"));
        Route ofTheTeam = new Route(
                team.tiers(),
                team.rules(),
                team.labels(),
                all.to(),
                false,
                all.groupBy(),
                all.groupWait(),
                all.groupInterval(),
                all.repeat());
        sidecar.plan = new NotificationPlan(List.of(ofTheTeam), sidecar.plan.receivers())
                .withRuleLabels(Map.of("gpu_idle", Map.of("team", "gpu-{{ labels.gpu }}")));
        sidecar.firing.put(IDLE, Tier.P3);
        sidecar.firing.put(SLOW, Tier.P3);
        sidecar.run(Duration.ofMinutes(31));
        assertThat(messages().getFirst()).contains("gpu_idle").doesNotContain("ttft_slow");
    }

    @Test
    void nothingIsSent_whenThereIsNothingToTell() {
        sidecar.run(Duration.ofHours(1));
        assertThat(seen.calls).isEmpty();
        sidecar.firing.put(IDLE, Tier.P3);
        sidecar.run(Duration.ofMinutes(10));
        assertThat(seen.calls).as("that of today was due").isEmpty();
    }

    @Test
    void digestMissedWhileTheSidecarWasDownComesWhenItIsBack_onceThereWasOneBefore() {
        sidecar.firing.put(IDLE, Tier.P3);
        sidecar.run(Duration.ofMinutes(31));
        assertThat(messages()).hasSize(2);
        sidecar.clock.advance(Duration.ofDays(3).plusHours(1));
        sidecar.restart();
        sidecar.tick();
        assertThat(messages()).as("Monday's, no weekly report").hasSize(3);
    }

    @Test
    void dueTimesFollowTheWallClock() {
        DigestTimes berlin = new DigestTimes(
                LocalTime.of(9, 0), Set.of(DayOfWeek.MONDAY), ZoneId.of("Europe/Berlin"), Optional.empty());
        assertThat(berlin.lastDue(Instant.parse("2026-03-30T06:59:59Z")))
                .hasValue(Instant.parse("2026-03-23T08:00:00Z"));
        assertThat(berlin.lastDue(Instant.parse("2026-03-30T07:00:00Z")))
                .hasValue(Instant.parse("2026-03-30T07:00:00Z"));
        assertThat(berlin.lastReportDue(Instant.parse("2026-03-30T07:00:00Z"))).isEmpty();
    }
}
