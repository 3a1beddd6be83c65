package io.inferwatch.notifier;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.histograms.LabelMatcher;
import io.inferwatch.notifier.testing.Engine;
import io.inferwatch.notifier.testing.Sidecar;
import io.inferwatch.notifier.testing.StrictReceivers;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.AlertMatch;
import io.inferwatch.rules.MuteTime;
import io.inferwatch.rules.NotificationPlan;
import io.inferwatch.rules.NotificationPlan.FlapGuard;
import io.inferwatch.rules.NotificationPlan.Inhibition;
import io.inferwatch.rules.NotificationPlan.Receiver;
import io.inferwatch.rules.NotificationPlan.Route;
import io.inferwatch.rules.Silence;
import io.inferwatch.rules.Tier;
import java.nio.file.Path;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Inhibition, silences and mute times. The cases of inhibition are those of Alertmanager's {@code inhibit_test.go}
 * (TestInhibitRuleMatches, TestInhibitRuleHasEqual) and of its acceptance tests (TestInhibiting, TestSilencing), in our
 * own words and on our own clock, and what its users miss: a close is never held back.
 */
class MutingTest {
    private static final AlertKey DOWN = Engine.key("server_down", "server", "a");
    private static final AlertKey SLOW_A = Engine.key("ttft_slow", "model", "llama", "server", "a");
    private static final AlertKey SLOW_B = Engine.key("ttft_slow", "model", "llama", "server", "b");
    private static final AlertKey NO_SERVER = Engine.key("ttft_slow", "model", "llama");

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

    private static AlertMatch rule(String name) {
        return new AlertMatch(Set.of(), Optional.of(new LabelMatcher("rule", List.of(name), false)), List.of());
    }

    private static AlertMatch tier(Tier... tiers) {
        return new AlertMatch(Set.of(tiers), Optional.empty(), List.of());
    }

    private static AlertMatch model(String pattern) {
        return new AlertMatch(Set.of(), Optional.empty(), List.of(new LabelMatcher("model", List.of(pattern), false)));
    }

    private void plan(List<Inhibition> inhibitions, List<MuteTime> muteTimes, List<Silence> silences) {
        Receiver pager = sidecar.pagerDuty("pd", Map.of());
        List<String> names = muteTimes.stream().map(MuteTime::name).toList();
        Route route = Sidecar.route(List.of("pd"), names, List.of());
        sidecar.plan = new NotificationPlan(
                List.of(route),
                Map.of("pd", pager),
                inhibitions,
                muteTimes.stream().collect(java.util.stream.Collectors.toMap(MuteTime::name, time -> time)),
                silences,
                FlapGuard.DEFAULT,
                Optional.empty());
    }

    private void inhibit(AlertMatch source, AlertMatch mute, String... same) {
        plan(List.of(new Inhibition("test", source, mute, List.of(same))), List.of(), List.of());
    }

    private List<String> open() {
        return seen.open.keySet().stream()
                .map(slot -> slot.substring(slot.indexOf("17/") + 3))
                .sorted()
                .toList();
    }

    @Test
    void causeIsToldAndItsSymptomIsNot_whenBothComeInOneTick() {
        inhibit(rule("server_down"), rule("ttft_slow"), "server");
        sidecar.firing.put(SLOW_A, Tier.P1);
        sidecar.firing.put(DOWN, Tier.P0);
        sidecar.firing.put(SLOW_B, Tier.P1);
        sidecar.tick();

        assertThat(open()).containsExactly("server_down/server=a", "ttft_slow/model=llama,server=b");
        sidecar.run(Duration.ofHours(1));
        assertThat(seen.created).hasSize(2);
    }

    @Test
    void symptomIsTold_whenItsCauseIsOverAndItIsNot() {
        inhibit(rule("server_down"), rule("ttft_slow"), "server");
        sidecar.firing.put(SLOW_A, Tier.P1);
        sidecar.firing.put(DOWN, Tier.P0);
        sidecar.tick();
        sidecar.firing.remove(DOWN);
        sidecar.run(Duration.ofSeconds(1));

        assertThat(open()).containsExactly("ttft_slow/model=llama,server=a");
    }

    @Test
    void causeExplainsOnlyWhatFollowsWithin_andTheRestIsTold() {
        Inhibition inhibition = new Inhibition(
                "test", rule("server_down"), rule("ttft_slow"), List.of("server"), Optional.of(Duration.ofMinutes(10)));
        plan(List.of(inhibition), List.of(), List.of());
        sidecar.firing.put(DOWN, Tier.P0);
        sidecar.run(Duration.ofMinutes(9));
        sidecar.firing.put(SLOW_A, Tier.P1);
        sidecar.run(Duration.ofHours(2));
        assertThat(open()).containsExactly("server_down/server=a");

        sidecar.firing.remove(SLOW_A);
        sidecar.run(Duration.ofSeconds(1));
        sidecar.firing.put(SLOW_A, Tier.P1);
        sidecar.run(Duration.ofSeconds(1));
        assertThat(open()).containsExactly("server_down/server=a", "ttft_slow/model=llama,server=a");
    }

    @Test
    void nobodyHearsOfASymptom_whenItWentBeforeItsCause() {
        inhibit(rule("server_down"), rule("ttft_slow"), "server");
        sidecar.firing.put(SLOW_A, Tier.P1);
        sidecar.firing.put(DOWN, Tier.P0);
        sidecar.tick();
        sidecar.firing.remove(SLOW_A);
        sidecar.run(Duration.ofSeconds(1));
        sidecar.firing.clear();
        sidecar.run(Duration.ofMinutes(1));

        assertThat(seen.created).containsExactly("inferwatch/gpu-host-17/server_down/server=a");
        assertThat(open()).isEmpty();
        assertThat(sidecar.pipeline
                        .alertHistory(new HistoryFilter(
                                Optional.empty(),
                                Optional.of("ttft_slow"),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                10))
                        .join())
                .singleElement()
                .satisfies(past -> assertThat(past.mutedBy()).isEqualTo("inhibited by server_down"));
    }

    @Test
    void toldSymptomStaysOpenQuietlyAndIsClosed_whenItsCauseComesLater() {
        inhibit(rule("server_down"), rule("ttft_slow"), "server");
        sidecar.firing.put(SLOW_A, Tier.P2);
        sidecar.tick();
        sidecar.firing.put(DOWN, Tier.P0);
        sidecar.firing.put(SLOW_A, Tier.P0);
        sidecar.run(Duration.ofMinutes(10));
        assertThat(seen.created).as("its rise is held back").hasSize(2);
        assertThat(open()).containsExactly("server_down/server=a", "ttft_slow/model=llama,server=a");

        sidecar.firing.remove(SLOW_A);
        sidecar.run(Duration.ofSeconds(1));
        assertThat(open()).as("its close is not").containsExactly("server_down/server=a");
    }

    @Test
    void riseHeldBackIsTold_whenTheMuteEnds() {
        inhibit(rule("server_down"), rule("ttft_slow"), "server");
        sidecar.firing.put(SLOW_A, Tier.P2);
        sidecar.tick();
        sidecar.firing.put(DOWN, Tier.P0);
        sidecar.firing.put(SLOW_A, Tier.P0);
        sidecar.run(Duration.ofSeconds(5));
        sidecar.firing.remove(DOWN);
        sidecar.run(Duration.ofSeconds(2));

        assertThat(open()).containsExactly("ttft_slow/model=llama,server=a#P0");
    }

    @Test
    void labelMissingOnBothSidesIsNotEqual() {
        inhibit(rule("server_down"), rule("ttft_slow"), "server", "zone");
        sidecar.firing.put(SLOW_A, Tier.P1);
        sidecar.firing.put(DOWN, Tier.P0);
        sidecar.tick();
        assertThat(open()).hasSize(2);

        inhibit(rule("server_down"), rule("ttft_slow"), "server");
        sidecar.firing.put(NO_SERVER, Tier.P1);
        sidecar.run(Duration.ofSeconds(1));
        assertThat(open()).contains("ttft_slow/model=llama");
    }

    @Test
    void nothingInhibitsItselfNorTwoEachOther_whenBothAreSourceAndTarget() {
        inhibit(tier(Tier.P1), tier(Tier.P1, Tier.P2), "model");
        sidecar.firing.put(SLOW_A, Tier.P1);
        sidecar.firing.put(SLOW_B, Tier.P1);
        sidecar.firing.put(NO_SERVER, Tier.P2);
        sidecar.tick();

        assertThat(open()).containsExactly("ttft_slow/model=llama,server=a", "ttft_slow/model=llama,server=b");
    }

    @Test
    void anySourceMutes_whenNoLabelMustBeTheSame() {
        inhibit(rule("server_down"), rule("ttft_slow"));
        sidecar.firing.put(DOWN, Tier.P0);
        sidecar.firing.put(NO_SERVER, Tier.P1);
        sidecar.tick();
        assertThat(open()).containsExactly("server_down/server=a");
    }

    @Test
    void muteTimeHoldsBackUntilItsEnd_andThenWhatStillFiresIsTold() {
        MuteTime.Interval noon = new MuteTime.Interval(
                Set.of(DayOfWeek.FRIDAY), LocalTime.of(12, 0), LocalTime.of(12, 10), ZoneId.of("UTC"));
        plan(List.of(), List.of(new MuteTime("noon", List.of(noon))), List.of());
        sidecar.firing.put(SLOW_A, Tier.P1);
        sidecar.firing.put(SLOW_B, Tier.P1);
        sidecar.tick();
        sidecar.run(Duration.ofMinutes(5));
        sidecar.firing.remove(SLOW_B);
        sidecar.run(Duration.ofSeconds(299));
        assertThat(seen.calls).isEmpty();

        sidecar.run(Duration.ofSeconds(1));
        assertThat(open()).containsExactly("ttft_slow/model=llama,server=a");
    }

    @Test
    void silenceOfTheFileHoldsForItsTime() {
        Instant now = sidecar.clock.instant();
        plan(
                List.of(),
                List.of(),
                List.of(new Silence(
                        "file-1", model("ll*"), now.plusSeconds(10), now.plusSeconds(60), "ops", "load test")));
        sidecar.firing.put(SLOW_A, Tier.P1);
        sidecar.tick();
        assertThat(open()).hasSize(1);
        sidecar.run(Duration.ofSeconds(10));
        sidecar.firing.put(SLOW_B, Tier.P1);
        sidecar.run(Duration.ofSeconds(49));
        assertThat(open()).as("told before stays open").hasSize(1);
        sidecar.run(Duration.ofSeconds(1));
        assertThat(open()).hasSize(2);
    }

    @Test
    void silenceOfAnOperatorHoldsOverARestartAndUntilItIsExpired() {
        plan(List.of(), List.of(), List.of());
        Instant now = sidecar.clock.instant();
        Silence silence = orderSilence(now, now.plus(Duration.ofHours(2)));
        sidecar.restart();
        sidecar.firing.put(SLOW_A, Tier.P0);
        sidecar.run(Duration.ofMinutes(1));
        assertThat(seen.calls).isEmpty();
        assertThat(sidecar.pipeline.silences()).containsExactly(silence);

        var ended = sidecar.pipeline.expireSilence(silence.id());
        sidecar.work();
        assertThat(ended).isCompletedWithValue(true);
        assertThat(open()).as("told at once, without a tick").hasSize(1);
        assertThat(sidecar.pipeline.silences()).isEmpty();
        assertThat(sidecar.pipeline.expireSilence(silence.id())).isCompletedWithValue(false);
        sidecar.restart();
        assertThat(sidecar.pipeline.silences()).isEmpty();
    }

    @Test
    void silenceIsInForceAndAnswered_whenTheDatabaseIsAway() {
        plan(List.of(), List.of(), List.of());
        sidecar.tick();
        sidecar.database.failing = 1;
        Instant now = sidecar.clock.instant();
        orderSilence(now, now.plus(Duration.ofHours(2)));
        sidecar.firing.put(SLOW_A, Tier.P0);
        sidecar.run(Duration.ofMinutes(1));
        assertThat(seen.calls).isEmpty();
        assertThat(sidecar.database.count("operator_order")).isEqualTo(1);
    }

    private Silence orderSilence(Instant from, Instant until) {
        var ordered = sidecar.pipeline.silence(model("ll*"), from, until, "ada", "upgrade");
        sidecar.work();
        assertThat(ordered).isCompleted();
        return ordered.join();
    }

    @Test
    void openThatWaitsForItsReceiverIsWithdrawn_whenItIsMutedMeanwhile() {
        plan(List.of(), List.of(), List.of());
        for (int i = 0; i < 3; i++) {
            seen.instead.add(StrictReceivers.Instead.status(429));
        }
        sidecar.firing.put(SLOW_A, Tier.P1);
        sidecar.tick();
        Instant now = sidecar.clock.instant();
        orderSilence(now, now.plus(Duration.ofHours(1)));
        sidecar.run(Duration.ofMinutes(5));
        assertThat(seen.created).isEmpty();
        assertThat(sidecar.pipeline.stats().outboxDepth()).isZero();
    }
}
