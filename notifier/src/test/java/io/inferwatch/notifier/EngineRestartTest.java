package io.inferwatch.notifier;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.histograms.GroupSample;
import io.inferwatch.histograms.Provenance;
import io.inferwatch.histograms.Sample;
import io.inferwatch.notifier.testing.Sidecar;
import io.inferwatch.notifier.testing.TestDatabase;
import io.inferwatch.rules.Alert;
import io.inferwatch.rules.NotificationPlan;
import io.inferwatch.rules.NotificationPlan.Route;
import io.inferwatch.rules.RuleSet;
import io.inferwatch.rules.Signal;
import io.inferwatch.rules.TickResult;
import io.inferwatch.rules.engine.ExpectedInstances;
import io.inferwatch.rules.engine.RuleEngine;
import io.inferwatch.rules.engine.SignalSource;
import io.inferwatch.rules.load.ReceiverChecker;
import io.inferwatch.rules.load.RuleFile;
import io.inferwatch.rules.load.RuleLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real engine before the real pipeline, killed and started again: what is open closes once, and soon. */
class EngineRestartTest {
    private static final Duration EVERY = Duration.ofSeconds(5);
    private static final Duration CLEAR_FOR = Duration.ofMinutes(2);
    private static final String TEXT = """
            version: 1
            signals:
              queue: {metric: llm.waiting, agg: avg, over: 5m, by: [server]}
            rules:
              queue_long:
                signal: queue
                clear_for: 2m
                tiers: {P1: {above: 10, for: 1m, clear_below: 8}}
            """;
    private static final String RENAMED = TEXT.replace("queue_long:", "requests_wait:\n    was: queue_long");

    private RuleSet rules = rules(TEXT);
    private Sidecar sidecar;
    private RuleEngine engine;
    private OptionalDouble queue = OptionalDouble.of(20);
    private int pages = 1;

    @BeforeEach
    void fire(@TempDir Path folder) {
        sidecar = new Sidecar(folder);
        sidecar.routeAllTo(sidecar.pagerDuty("pager", Map.of()), sidecar.slack("chat", Map.of()));
        engine = new RuleEngine(rules, ExpectedInstances.ALL);
        run(Duration.ofMinutes(2));
        assertThat(sidecar.receivers.open).hasSize(1);
    }

    @AfterEach
    void closeAndFindNothingDoneWrong() {
        assertThat(sidecar.receivers.faults).isEmpty();
        assertThat(sidecar.receivers.created).hasSize(pages);
        sidecar.close();
    }

    private static RuleSet rules(String text) {
        return new RuleLoader(Set.of(), ReceiverChecker.NONE)
                .load(List.of(new RuleFile("rules.yml", text)))
                .rules()
                .orElseThrow();
    }

    private final class Source implements SignalSource {
        @Override
        public Optional<List<GroupSample>> read(Signal signal) {
            Sample sample = queue.isPresent()
                    ? new Sample.Present(queue.getAsDouble(), 10, new Provenance.Exact())
                    : new Sample.Missing("no data");
            return Optional.of(List.of(new GroupSample(LabelSet.of("server", "a"), sample, EVERY)));
        }

        @Override
        public boolean everMatched(Signal signal) {
            return true;
        }
    }

    private void tick() {
        sidecar.clock.advance(EVERY);
        TickResult result = engine.tick(sidecar.clock.instant(), new Source());
        sidecar.pipeline.onTick(new TickResult(
                result.at(),
                sidecar.plan.withFormerNames(rules.plan().formerNames()),
                result.alerts(),
                result.transitions(),
                result.changed(),
                result.forgotten()));
        sidecar.work();
    }

    private void run(Duration time) {
        for (long tick = time.dividedBy(EVERY); tick > 0; tick--) {
            tick();
        }
    }

    private void killedFor(Duration gap) {
        Instant stopped = sidecar.clock.instant();
        sidecar.clock.advance(gap);
        sidecar.restart();
        engine = new RuleEngine(rules, ExpectedInstances.ALL);
        assertThat(engine.restore(sidecar.restored, stopped, sidecar.clock.instant()))
                .isEmpty();
    }

    @Test
    void closesOnceWithinClearFor_whenItClearedWhileDown() {
        queue = OptionalDouble.of(1);
        killedFor(Duration.ofMinutes(10));

        run(CLEAR_FOR.minus(EVERY));
        assertThat(sidecar.receivers.open).as("clear_for has not passed").hasSize(1);
        run(EVERY.multipliedBy(3));

        assertThat(sidecar.receivers.open).isEmpty();
        run(Duration.ofMinutes(20));
        assertThat(sidecar.receivers.closed).hasSize(1);
    }

    @Test
    void closesOnce_whenItWasClearingAsItDied() {
        queue = OptionalDouble.of(1);
        run(Duration.ofMinutes(1));
        killedFor(Duration.ofMinutes(3));

        run(EVERY.multipliedBy(2));

        assertThat(sidecar.receivers.open).isEmpty();
        run(Duration.ofMinutes(20));
        assertThat(sidecar.receivers.closed).hasSize(1);
    }

    @Test
    void closesAtOnce_whenTheDatabaseIsLostAndTheConditionIsKnownNotToHold() {
        loseTheDatabase();
        queue = OptionalDouble.empty();
        run(Duration.ofMinutes(20));
        assertThat(sidecar.receivers.open).as("nothing is known yet").hasSize(1);

        queue = OptionalDouble.of(1);
        run(EVERY.multipliedBy(2));

        assertThat(sidecar.receivers.open).isEmpty();
        assertThat(sidecar.receivers.closed).hasSize(1);
    }

    @Test
    void staysOpenAndPagesNobodyAnew_whenTheDatabaseIsLostAndItStillHolds() {
        loseTheDatabase();

        run(Duration.ofMinutes(20));

        assertThat(sidecar.receivers.open).hasSize(1);
        assertThat(sidecar.receivers.closed).isEmpty();
    }

    /** What the database holds is of the time before: it was pending. */
    @Test
    void pagesNobodyAgain_whenItOpenedWithoutTheDatabaseAndNothingIsKnownAfterTheCrash() {
        queue = OptionalDouble.of(1);
        run(CLEAR_FOR.plus(EVERY.multipliedBy(2)));
        queue = OptionalDouble.of(20);
        run(Duration.ofSeconds(30));
        sidecar.database.failing = 1_000_000;
        run(Duration.ofMinutes(1));
        pages = 2;
        assertThat(sidecar.receivers.open).as("opened without the database").hasSize(1);

        sidecar.database.failing = 0;
        queue = OptionalDouble.empty();
        killedFor(Duration.ofSeconds(20));
        run(Duration.ofMinutes(25));
        assertThat(sidecar.receivers.open).as("nothing is known of it").hasSize(1);
        queue = OptionalDouble.of(20);
        run(Duration.ofMinutes(5));

        assertThat(sidecar.receivers.closed).hasSize(1);
    }

    /** Its end is on record and its close is not decided: a notice was under way to each receiver until the end. */
    @Test
    void closesSoon_whenItClearedAndTheProcessDiedWhileANoticeWasUnderWay() {
        Route route = sidecar.plan.routes().getFirst();
        Route repeating = new Route(
                route.tiers(),
                route.rules(),
                route.labels(),
                route.to(),
                false,
                route.groupBy(),
                route.groupWait(),
                route.groupInterval(),
                Optional.of(Duration.ofMinutes(1)));
        sidecar.plan = new NotificationPlan(List.of(repeating), sidecar.plan.receivers());
        List<Runnable> hanging = new ArrayList<>();
        sidecar.threads = (receiver, call) -> hanging.add(call);
        queue = OptionalDouble.of(1);
        run(CLEAR_FOR.plus(EVERY.multipliedBy(4)));
        assertThat(hanging).hasSize(2);
        assertThat(engine.alerts()).isEmpty();

        sidecar.threads = (receiver, call) -> call.run();
        killedFor(Duration.ofSeconds(30));
        run(EVERY.multipliedBy(3));

        assertThat(sidecar.receivers.open).isEmpty();
        run(Duration.ofMinutes(20));
        assertThat(sidecar.receivers.closed).hasSize(1);
    }

    @Test
    void isTheSameAlert_whenItsRuleIsRenamedByAReload() {
        String id = engine.alerts().getFirst().id();
        rules = rules(RENAMED);
        engine.use(rules);
        run(Duration.ofMinutes(20));
        assertThat(engine.alerts()).singleElement().satisfies(alert -> {
            assertThat(alert.key().rule()).isEqualTo("requests_wait");
            assertThat(alert.id()).isEqualTo(id);
        });
        assertThat(sidecar.receivers.open).hasSize(1);

        killedFor(Duration.ofMinutes(1));
        run(Duration.ofMinutes(20));
        assertThat(engine.alerts()).extracting(Alert::id).containsExactly(id);
        assertThat(sidecar.receivers.closed).isEmpty();
        queue = OptionalDouble.of(1);
        run(CLEAR_FOR.plus(EVERY.multipliedBy(2)));
        assertThat(sidecar.receivers.open).isEmpty();
        assertThat(sidecar.receivers.closed).hasSize(1);
    }

    @Test
    void isTheSameAlert_whenItsRuleIsRenamedWhileDown() {
        rules = rules(RENAMED);
        killedFor(Duration.ofMinutes(5));
        run(Duration.ofMinutes(20));
        assertThat(sidecar.receivers.open).hasSize(1);
        assertThat(sidecar.receivers.closed).isEmpty();

        queue = OptionalDouble.of(1);
        run(CLEAR_FOR.plus(EVERY.multipliedBy(2)));
        assertThat(sidecar.receivers.closed).hasSize(1);
    }

    private void loseTheDatabase() {
        sidecar.database.close();
        sidecar.database = TestDatabase.h2();
        killedFor(Duration.ofMinutes(1));
    }
}
