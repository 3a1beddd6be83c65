package io.inferwatch.rules.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.histograms.Bracket;
import io.inferwatch.rules.LeafEvidence;
import io.inferwatch.rules.Tier;
import io.inferwatch.rules.Verdict;
import io.inferwatch.rules.testing.EngineRun;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A past that is known by bucket counts alone decides only what it decides wherever in its buckets it lies. */
class BaselineBoundsTest {
    private static final LabelSet M = LabelSet.of("model", "m");
    private static final Duration WINDOW = Duration.ofMinutes(5);
    private static final Bracket NORMAL = new Bracket(80, 100, 120);

    private static EngineRun run(String compare, String tier) {
        return new EngineRun("""
                version: 1
                defaults: {every: 5m, clear_for: 0s}
                receivers: {c: {type: console}}
                routes: [{to: c}]
                signals:
                  latency: {metric: llm.latency, agg: p95, over: 5m, by: [model], unit: ms}
                rules:
                  slower:
                    signal: latency
                    compare: {COMPARE}
                    tiers: {P2: {TIER}}
                """.replace("COMPARE", compare).replace("TIER", tier));
    }

    private static EngineRunner of(EngineRun run) {
        return new EngineRunner(run);
    }

    private record EngineRunner(EngineRun run) {
        EngineRunner past(Bracket point, int windows) {
            run.set("latency", M, point).ticks(WINDOW.multipliedBy(windows));
            return this;
        }

        EngineRunner now(Bracket value) {
            run.set("latency", M, value).tick();
            return this;
        }

        private EngineSnapshot.InstanceStatus instance() {
            return run.engine.snapshot().rules().getFirst().instances().getFirst();
        }

        Verdict verdict() {
            return Objects.requireNonNull(instance().verdicts().get(Tier.P2));
        }

        LeafEvidence leaf() {
            return instance().why().getFirst();
        }
    }

    @Test
    void decidesNothing_whereItMayBeEither_andSaysBetweenWhat() {
        EngineRunner seen = of(run("to: trailing, window: 1h, min_points: 3", "above: 2x"))
                .past(NORMAL, 12)
                .now(Bracket.exact(220));
        assertThat(seen.verdict()).isInstanceOf(Verdict.Unknown.class);
        assertThat(seen.leaf().reason()).isEqualTo("between 1.83x and 2.75x");
        assertThat(seen.now(Bracket.exact(241)).verdict()).isInstanceOf(Verdict.Holds.class);
        assertThat(seen.now(Bracket.exact(160)).verdict()).isInstanceOf(Verdict.DoesNotHold.class);
    }

    @Test
    void isTheSameAfterARestart_whenThePastWasReadAgain() {
        EngineRun run = run("to: trailing, window: 1h, min_points: 3", "above: 2x");
        EngineRunner seen = of(run).past(NORMAL, 12);
        run.restart(Duration.ZERO);
        assertThat(seen.now(Bracket.exact(220)).verdict()).isInstanceOf(Verdict.Unknown.class);
        assertThat(seen.now(Bracket.exact(241)).verdict()).isInstanceOf(Verdict.Holds.class);
    }

    @Test
    void nothingIsKnownOfIt_whereAPointLiesBeyondTheLastBucket() {
        EngineRunner seen = of(run("to: trailing, window: 1h, min_points: 3, of: avg", "above: 2x"))
                .past(new Bracket(80, 100, Double.POSITIVE_INFINITY), 12)
                .now(Bracket.exact(10_000));
        assertThat(seen.verdict()).isInstanceOf(Verdict.Unknown.class);
        assertThat(seen.now(Bracket.exact(100)).verdict())
                .as("not twice, however little it was")
                .isInstanceOf(Verdict.DoesNotHold.class);
    }

    @Test
    void deviationsHaveBoundsToo() {
        assertThat(deviating(131)).isInstanceOf(Verdict.Unknown.class);
        assertThat(deviating(140))
                .as("38 above 102 at most, in deviations of 12 at most")
                .isInstanceOf(Verdict.Holds.class);
        assertThat(deviating(120))
                .as("22 above 98 at least, in deviations of 8 at least")
                .isInstanceOf(Verdict.DoesNotHold.class);
    }

    /** What a value comes to after points of 90 and 110 in turn, each known to within 2. */
    private static Verdict deviating(double value) {
        EngineRunner seen = of(run("to: trailing, window: 1h, min_points: 3, of: avg, as: zscore", "above: 3"));
        for (int i = 0; i < 12; i++) {
            double middle = i % 2 == 0 ? 90 : 110;
            seen.now(new Bracket(middle - 2, middle, middle + 2));
        }
        return seen.now(Bracket.exact(value)).verdict();
    }

    /** Whatever is decided between bounds is so of every past and value that lie between them. */
    @Test
    void whatIsDecidedHoldsOfAllThatLiesBetween() {
        for (long seed = 1; seed <= 120; seed++) {
            Random random = new Random(seed);
            String compare = "to: trailing, window: 1h, exclude_max: 0s, min_points: 3, of: "
                    + one(random, "avg", "median", "p95")
                    + ", as: " + one(random, "times", "drop", "delta", "zscore")
                    + (random.nextBoolean() ? ", floor: 60ms" : "");
            String limit = compare.contains("times")
                    ? "2x"
                    : compare.contains("drop") ? "20%" : compare.contains("delta") ? "40ms" : "2";
            EngineRunner between = of(run(compare, "above: " + limit));
            Bracket[] points = new Bracket[13];
            for (int i = 0; i < points.length; i++) {
                points[i] = point(random);
                between.now(points[i]);
            }
            for (int sample = 0; sample < 8; sample++) {
                EngineRunner really = of(run(compare, "above: " + limit));
                for (Bracket point : points) {
                    really.now(Bracket.exact(within(random, point)));
                }
                if (!(between.verdict() instanceof Verdict.Unknown)) {
                    assertThat(really.verdict().getClass())
                            .as("seed %d: %s above %s", seed, compare, limit)
                            .isEqualTo(between.verdict().getClass());
                }
            }
        }
    }

    private static String one(Random random, String... of) {
        return List.of(of).get(random.nextInt(of.length));
    }

    private static Bracket point(Random random) {
        double lo = 20 + random.nextInt(150);
        double hi = lo + (random.nextBoolean() ? 0 : 1 + random.nextInt(40));
        return new Bracket(lo, lo + (hi - lo) * random.nextDouble(), hi);
    }

    private static double within(Random random, Bracket point) {
        double share = random.nextInt(3) == 0 ? random.nextInt(2) : random.nextDouble();
        return point.lo() + (point.hi() - point.lo()) * share;
    }
}
