package io.inferwatch.notifier;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.notifier.conversation.Ack;
import io.inferwatch.rules.Tier;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class WeeklyTextTest {
    private static final Instant FROM = Instant.parse("2026-01-05T09:00:00Z");

    /** So many alerts, an hour apart, each open for so long. */
    private static List<PastAlert> alerts(String rule, int count, Duration open) {
        List<PastAlert> alerts = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            Instant fired = FROM.plus(Duration.ofHours(i));
            alerts.add(new PastAlert(
                    rule + i,
                    rule,
                    LabelSet.EMPTY,
                    Tier.P2,
                    fired,
                    Optional.of(fired.plus(open)),
                    "cleared",
                    "",
                    "",
                    "",
                    Optional.empty()));
        }
        return alerts;
    }

    @Test
    void aRuleIsNoisy_whenItFiredOftenAndMostlyForMinutes() {
        List<PastAlert> past = new ArrayList<>(alerts("flutters", 6, Duration.ofMinutes(2)));
        past.addAll(alerts("lasts", 6, Duration.ofMinutes(20)));
        past.addAll(alerts("seldom", 4, Duration.ofMinutes(2)));
        assertThat(WeeklyText.noisy(past, FROM)).containsExactly("flutters");
        assertThat(WeeklyText.noisy(past, FROM.plus(Duration.ofHours(3)))).isEmpty();
    }

    @Test
    void everyFigureOfARuleStandsInItsLine() {
        List<PastAlert> past = new ArrayList<>(alerts("slow", 3, Duration.ofMinutes(20)));
        past.add(acked("slow", Duration.ofMinutes(4), "silence of ops"));
        past.add(acked("slow", Duration.ofMinutes(8), "silence of ops"));
        past.add(acked("slow", Duration.ofMinutes(30), "inhibited by p0-mutes-lower"));
        Map<String, Map<String, Long>> delivered = Map.of("slow", Map.of("opened", 5L, "closed", 5L, "flapping", 2L));
        assertThat(WeeklyText.lines(past, delivered, List.of("quality", "drift"), Map.of(), FROM))
                .containsExactly(
                        "slow: fired 6, notified 12, muted 1 (inhibited by p0-mutes-lower), 2 (silence of ops),"
                                + " median time to ack 8m, closed within 5m 50%, flapped 2",
                        "signals that never matched anything: quality, drift");
    }

    /** Closed after two minutes. */
    private static PastAlert acked(String rule, Duration after, String mutedBy) {
        Instant fired = FROM.plus(Duration.ofHours(1));
        return new PastAlert(
                rule + after,
                rule,
                LabelSet.EMPTY,
                Tier.P2,
                fired,
                Optional.of(fired.plus(Duration.ofMinutes(2))),
                "cleared",
                "",
                "",
                mutedBy,
                Optional.of(new Ack("ada", fired.plus(after), Tier.P2)));
    }

    @Test
    void whatAReplaySays_standsWithItsRule() {
        List<PastAlert> past = alerts("flutters", 6, Duration.ofMinutes(2));
        Map<String, String> advice = Map.of("flutters", "replayed with P2 above 620ms it fires 1 instead of 6 times");
        assertThat(WeeklyText.lines(past, Map.of(), List.of(), advice, FROM))
                .containsExactly("flutters: fired 6, notified 0, never acked, closed within 5m 100%, flapped 0,"
                        + " replayed with P2 above 620ms it fires 1 instead of 6 times");
    }

    @Test
    void aReplayThatFails_isNoReasonToHaveNoReport() {
        WeeklySources broken = new WeeklySources() {
            @Override
            public List<String> neverMatched() {
                return List.of();
            }

            @Override
            public CompletableFuture<Map<String, String>> advise(Set<String> rules) {
                return CompletableFuture.failedFuture(new IllegalStateException("no memory for it"));
            }
        };
        assertThat(broken.advice(Set.of("flutters")).join()).isEmpty();
    }
}
