package io.inferwatch.notifier.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.notifier.Changes;
import io.inferwatch.notifier.DeliveryRecord;
import io.inferwatch.notifier.HistoryFilter;
import io.inferwatch.notifier.testing.Engine;
import io.inferwatch.notifier.testing.TestDatabase;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.AlertTransition;
import io.inferwatch.rules.NotificationPlan;
import io.inferwatch.rules.StoredState;
import io.inferwatch.rules.TickResult;
import io.inferwatch.rules.Tier;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The same against both databases. */
class JdbcOutboxTest {
    private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
    private static final AlertKey ODD =
            new AlertKey("rule\u0000\n'; --", LabelSet.of("model", "a\\b\u0001=,\ud800 ünïcode 🔥"));

    @Test
    void keepsWhatItIsGiven_inH2() {
        try (TestDatabase database = TestDatabase.h2()) {
            keepsWhatItIsGiven(database);
        }
    }

    @Test
    void keepsWhatItIsGiven_inPostgres() throws IOException {
        // Given more than its ten seconds to come up: a starved machine takes longer.
        try (EmbeddedPostgres postgres = EmbeddedPostgres.builder()
                        .setPGStartupWait(Duration.ofMinutes(2))
                        .start();
                TestDatabase database = TestDatabase.open(postgres.getJdbcUrl("postgres", "postgres"), "postgresql")) {
            keepsWhatItIsGiven(database);
        }
    }

    private static void keepsWhatItIsGiven(TestDatabase database) {
        JdbcOutbox outbox = new JdbcOutbox(database);
        NotificationPlan plan = new NotificationPlan(List.of(), Map.of());
        Engine engine = new Engine();
        TickResult opened = engine.tick(NOW, plan, Map.of(ODD, Tier.P1));
        DeliveryRecord attempt = new DeliveryRecord(
                "1", NOW, "pd", "key", "rule", Tier.P1, "opened", "retry", "why\u0000", 1, Duration.ofMillis(5));
        Changes changes = changes(opened, List.of(attempt), Optional.empty());
        outbox.write(changes).join();
        outbox.write(changes).join();

        List<StoredState> states =
                outbox.load(fingerprint -> Optional.empty()).join().states();
        assertThat(states).isEqualTo(opened.changed());
        assertThat(outbox.recentDeliveries(10).join()).containsExactly(attempt);
        assertThat(outbox.alertHistory(filter(Optional.of(true), Optional.of(Tier.P1)))
                        .join())
                .singleElement()
                .satisfies(past -> assertThat(past.labels()).isEqualTo(ODD.labels()));
        assertThat(outbox.alertHistory(filter(Optional.of(true), Optional.of(Tier.P0)))
                        .join())
                .isEmpty();

        TickResult calmer = engine.tick(NOW.plusSeconds(30), plan, Map.of(ODD, Tier.P2));
        assertThat(calmer.transitions()).singleElement().isInstanceOf(AlertTransition.TierChanged.class);
        outbox.write(changes(calmer, List.of(), Optional.empty())).join();
        TickResult closed = engine.tick(NOW.plusSeconds(60), plan, Map.of());
        outbox.write(changes(closed, List.of(), Optional.empty())).join();
        assertThat(outbox.load(fingerprint -> Optional.empty()).join().states()).isEmpty();
        assertThat(outbox.alertHistory(filter(Optional.of(false), Optional.empty()))
                        .join())
                .singleElement()
                .satisfies(past -> {
                    assertThat(past.reason()).isEqualTo("cleared");
                    assertThat(past.tier()).as("the most urgent").isEqualTo(Tier.P1);
                });

        TickResult quiet = engine.tick(NOW.plusSeconds(120), plan, Map.of());
        outbox.write(changes(quiet, List.of(), Optional.of(NOW.plusSeconds(3600))))
                .join();
        assertThat(outbox.recentDeliveries(10).join()).isEmpty();
        assertThat(outbox.alertHistory(filter(Optional.empty(), Optional.empty()))
                        .join())
                .isEmpty();
    }

    private static Changes changes(TickResult tick, List<DeliveryRecord> attempts, Optional<Instant> pruneBefore) {
        return new Changes(
                tick.changed(),
                tick.forgotten(),
                List.of(),
                List.of(),
                tick.transitions(),
                attempts,
                Map.of(),
                Map.of(),
                pruneBefore);
    }

    private static HistoryFilter filter(Optional<Boolean> open, Optional<Tier> tier) {
        return new HistoryFilter(tier, Optional.empty(), open, Optional.empty(), Optional.empty(), 10);
    }
}
