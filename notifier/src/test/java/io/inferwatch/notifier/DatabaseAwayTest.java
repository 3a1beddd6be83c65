package io.inferwatch.notifier;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.notifier.channel.Channel;
import io.inferwatch.notifier.channel.Delivery;
import io.inferwatch.notifier.channel.Endpoint;
import io.inferwatch.notifier.channel.Notice;
import io.inferwatch.notifier.channel.Pace;
import io.inferwatch.notifier.channel.Receipt;
import io.inferwatch.notifier.channel.Secret;
import io.inferwatch.notifier.testing.Engine;
import io.inferwatch.notifier.testing.Sidecar;
import io.inferwatch.notifier.testing.StrictReceivers;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.Rule;
import io.inferwatch.rules.Tier;
import io.inferwatch.rules.load.ReceiverChecker;
import io.inferwatch.rules.load.RuleLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is urgent is told without the database, and nobody is told twice for it. */
class DatabaseAwayTest {
    private static final int FOR_LONG = 1_000_000;
    private static final AlertKey LLAMA = Engine.key("ttft_slow", "model", "llama");
    private static final AlertKey QWEN = Engine.key("ttft_slow", "model", "qwen");
    private static final AlertKey OWN = Engine.key("sidecar_lag");
    private static final String KEY = "inferwatch/gpu-host-17/ttft_slow/model=llama";

    private Sidecar sidecar;
    private StrictReceivers seen;

    @BeforeEach
    void start(@TempDir Path folder) {
        sidecar = new Sidecar(folder);
        seen = sidecar.receivers;
        sidecar.routeAllTo(sidecar.pagerDuty("pd", Map.of()), sidecar.slack("slack", Map.of()));
        sidecar.tick();
        sidecar.database.failing = FOR_LONG;
    }

    @AfterEach
    void nothingWasDoneWrong() {
        sidecar.close();
        assertThat(seen.faults).isEmpty();
    }

    private void databaseReturns() {
        sidecar.database.failing = 0;
        sidecar.run(Duration.ofMinutes(2));
        assertThat(sidecar.pipeline.stats().databaseProblem()).isEmpty();
    }

    /** The process dies; the database is there again, with what it had. */
    private void dieAndStart() {
        sidecar.database.failing = 0;
        sidecar.clock.advance(Duration.ofSeconds(20));
        sidecar.restart();
    }

    @Test
    void urgentOpensAndClosesAndTheSidecarsOwnAlertsGoOut_andTheRestWaits() {
        sidecar.firing.put(LLAMA, Tier.P0);
        sidecar.firing.put(QWEN, Tier.P2);
        sidecar.firing.put(OWN, Tier.P2);
        sidecar.run(Duration.ofSeconds(5));
        assertThat(seen.created).containsExactly(KEY, "inferwatch/gpu-host-17/sidecar_lag/");
        assertThat(seen.messages).hasSize(2);

        sidecar.firing.remove(LLAMA);
        sidecar.run(Duration.ofSeconds(5));
        assertThat(seen.closed).containsExactly(KEY);

        databaseReturns();
        assertThat(seen.open).hasSize(2);
        sidecar.firing.clear();
        sidecar.run(Duration.ofSeconds(5));
        assertThat(seen.open).isEmpty();
        assertThat(seen.created).hasSize(3);
        assertThat(seen.messages).hasSize(3);
    }

    /** Lag, lost records, failed deliveries, a server that tells nothing, a full disk …: each rule the pack has on the sidecar. */
    @Test
    void everyRuleThePackHasOnTheSidecarIsTold_atItsMildestTier() {
        List<Rule> rules = new RuleLoader(Set.of(), ReceiverChecker.NONE)
                .load(List.of()).rules().orElseThrow().rules().stream()
                        .filter(rule -> rule.name().startsWith("sidecar_"))
                        .toList();
        rules.forEach(
                rule -> sidecar.firing.put(Engine.key(rule.name()), rule.tiers().lastKey()));
        List<String> own = rules.stream()
                .map(rule -> "inferwatch/gpu-host-17/" + rule.name() + "/")
                .toList();
        assertThat(own)
                .contains(
                        "inferwatch/gpu-host-17/sidecar_lag/",
                        "inferwatch/gpu-host-17/sidecar_journal_lost/",
                        "inferwatch/gpu-host-17/sidecar_deliveries/",
                        "inferwatch/gpu-host-17/sidecar_stale_source/",
                        "inferwatch/gpu-host-17/sidecar_disk/");
        sidecar.run(Duration.ofSeconds(30));
        assertThat(seen.created).containsExactlyInAnyOrderElementsOf(own);
        assertThat(seen.messages).as("one a second").hasSameSizeAs(own);
    }

    @Test
    void nobodyIsPagedTwiceAndItIsClosed_whenTheProcessDiesAfterAnOpen() {
        sidecar.firing.put(LLAMA, Tier.P0);
        sidecar.run(Duration.ofSeconds(5));
        dieAndStart();
        sidecar.run(Duration.ofMinutes(20));
        assertThat(seen.created).containsExactly(KEY);
        assertThat(seen.messages).hasSize(1);

        sidecar.firing.clear();
        sidecar.run(Duration.ofSeconds(5));
        assertThat(seen.open).isEmpty();
        assertThat(seen.messages.values().toString()).contains("Closed");
    }

    @Test
    void nothingIsOpenedAgain_whenTheProcessDiesAfterACloseTheDatabaseNeverSaw() {
        databaseReturns();
        sidecar.firing.put(LLAMA, Tier.P0);
        sidecar.run(Duration.ofSeconds(5));
        sidecar.database.failing = FOR_LONG;
        sidecar.firing.clear();
        sidecar.run(Duration.ofSeconds(5));
        assertThat(seen.closed).containsExactly(KEY);

        dieAndStart();
        assertThat(sidecar.restored).isEmpty();
        sidecar.run(Duration.ofMinutes(20));
        assertThat(seen.created).containsExactly(KEY);
        assertThat(seen.messages).hasSize(1);
        dieAndStart();
        sidecar.run(Duration.ofMinutes(1));
        assertThat(seen.created).as("and a second start").containsExactly(KEY);
    }

    /** An Error, so that no handler of faults survives it. */
    private static final class Killed extends Error {}

    private record Mortal(Channel inner, AtomicBoolean alive) implements Channel {
        @Override
        public Delivery deliver(Notice notice, Endpoint endpoint) {
            Delivery delivery = inner.deliver(notice, endpoint);
            if (!alive.get()) {
                throw new Killed();
            }
            return delivery;
        }

        @Override
        public Endpoint endpoint(Optional<Receipt> opened) throws Secret.Unreadable {
            return inner.endpoint(opened);
        }

        @Override
        public Pace pace() {
            return inner.pace();
        }
    }

    @Test
    void openWhoseOutcomeNobodyKnowsIsRepeatedUnderItsKey_whenTheProcessDiesInTheCall() {
        AtomicBoolean alive = new AtomicBoolean(true);
        sidecar.wrap = channel -> new Mortal(channel, alive);
        sidecar.database.failing = 0;
        sidecar.restart();
        sidecar.routeAllTo(sidecar.pagerDuty("pd", Map.of()));
        sidecar.tick();
        sidecar.database.failing = FOR_LONG;
        alive.set(false);
        sidecar.firing.put(LLAMA, Tier.P0);
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> sidecar.run(Duration.ofSeconds(5)))
                .isInstanceOf(Killed.class);
        alive.set(true);
        dieAndStart();
        sidecar.run(Duration.ofSeconds(5));
        assertThat(seen.created).containsExactly(KEY);
        assertThat(seen.calls).hasSize(2);
        sidecar.firing.clear();
        sidecar.run(Duration.ofSeconds(5));
        assertThat(seen.open).isEmpty();
    }
}
