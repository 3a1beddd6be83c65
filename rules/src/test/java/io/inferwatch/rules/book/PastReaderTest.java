package io.inferwatch.rules.book;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.Buckets;
import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.catalogue.MetricCatalogue;
import io.inferwatch.histograms.HistogramsConfig;
import io.inferwatch.histograms.TelemetryStore;
import io.inferwatch.histograms.store.Database;
import io.inferwatch.histograms.store.JdbcWindowStore;
import io.inferwatch.histograms.store.StoreConfig;
import io.inferwatch.rules.RuleSet;
import io.inferwatch.rules.Tier;
import io.inferwatch.rules.Verdict;
import io.inferwatch.rules.engine.EngineSnapshot.InstanceStatus;
import io.inferwatch.rules.engine.ExpectedInstances;
import io.inferwatch.rules.engine.RuleEngine;
import io.inferwatch.rules.testing.RuleTexts;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The past that rules compare with, read from the database after a start. */
class PastReaderTest {
    private static final Instant START = Instant.parse("2026-01-05T12:00:00Z");
    private static final LabelSet SERVER = LabelSet.of("model", "m", "server", "a", "observer", "scrape");

    /** All that is known of each: five between 100 and 200 ms. */
    private static final Buckets BETWEEN =
            new Buckets(new double[] {100_000, 200_000}, new long[] {0, 5, 0}, OptionalDouble.empty());

    @TempDir
    Path folder;

    private final AtomicLong nowMillis = new AtomicLong(START.toEpochMilli());

    private static RuleSet rules() {
        return RuleTexts.rules("""
                version: 1
                defaults: {every: 10s}
                receivers: {say: {type: console}}
                routes: [{to: say}]
                signals: {ttft: {metric: llm.ttft, agg: p95, over: 5m, by: [server], unit: ms}}
                rules:
                  slower:
                    signal: ttft
                    compare: {to: trailing, window: 1h, min_points: 6}
                    tiers: {P2: {above: 1.5x}, P1: {above: 3x}}
                """);
    }

    @Test
    void bracketsStayBrackets() {
        try (Database database =
                Database.open(StoreConfig.DEFAULT, "", folder, () -> START).database()) {
            TelemetryStore telemetry = new TelemetryStore(
                    HistogramsConfig.DEFAULT,
                    new JdbcWindowStore(database, StoreConfig.DEFAULT),
                    () -> Instant.ofEpochMilli(nowMillis.get()),
                    () -> nowMillis.get() * 1_000_000);
            telemetry.retain(rules().queries());
            for (int sequence = 1; sequence <= 420; sequence++) {
                telemetry.beginRecord(sequence, nowMillis.get(), false);
                telemetry.observe(MetricCatalogue.require("llm.ttft"), SERVER, nowMillis.get(), BETWEEN);
                telemetry.endRecord();
                nowMillis.addAndGet(10_000);
            }
            telemetry.flush();

            RuleEngine engine = new RuleEngine(rules(), ExpectedInstances.ALL);
            Instant now = Instant.ofEpochMilli(nowMillis.get());
            assertThat(new PastReader(engine, telemetry.queries()).doWork(now)).isEqualTo(1);
            engine.tick(now, telemetry.cut(now));

            InstanceStatus instance =
                    engine.snapshot().rules().getFirst().instances().getFirst();
            assertThat(Objects.requireNonNull(instance.verdicts().get(Tier.P2)))
                    .as("200 against 100 as well as 100 against 200")
                    .isInstanceOfSatisfying(
                            Verdict.Unknown.class,
                            unknown -> assertThat(unknown.reason()).isEqualTo("ttft: between 0.5x and 2x"));
            assertThat(Objects.requireNonNull(instance.verdicts().get(Tier.P1)))
                    .as("never three times as much")
                    .isInstanceOf(Verdict.DoesNotHold.class);
        }
    }
}
