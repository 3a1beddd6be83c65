package io.inferwatch.rules.engine;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.histograms.GroupSample;
import io.inferwatch.histograms.Provenance;
import io.inferwatch.histograms.Sample;
import io.inferwatch.rules.RuleSet;
import io.inferwatch.rules.Signal;
import io.inferwatch.rules.load.ReceiverChecker;
import io.inferwatch.rules.load.RuleFile;
import io.inferwatch.rules.load.RuleLoader;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * What a tick of 1,000 rules with 20 instances each costs, reading the signals left out. Each rule has a signal of its own
 * and three tiers; of a hundred instances four fire and one comes and goes. Not a test: run it by hand, with the flags the
 * product runs with, {@code -XX:+UseSerialGC -XX:TieredStopAtLevel=1}.
 */
final class TickCost {
    private static final int RULES = 1_000;
    private static final int INSTANCES = 20;
    private static final int WARM_UP_TICKS = 150;
    private static final int MEASURED_TICKS = 50;
    private static final Duration EVERY = Duration.ofSeconds(5);

    private TickCost() {}

    public static void main(String[] args) {
        RuleEngine engine = new RuleEngine(rules(), ExpectedInstances.ALL);
        Instant t = Instant.parse("2026-01-05T12:00:00Z");
        ThreadMXBean cpu = ManagementFactory.getThreadMXBean();
        long[] nanos = new long[MEASURED_TICKS];
        int alerts = 0;
        for (int tick = 0; tick < WARM_UP_TICKS + MEASURED_TICKS; tick++) {
            t = t.plus(EVERY);
            SignalSource source = new Prepared(tick);
            long began = cpu.getCurrentThreadCpuTime();
            alerts = engine.tick(t, source).alerts().size();
            nanos[tick % MEASURED_TICKS] = cpu.getCurrentThreadCpuTime() - began;
        }
        Arrays.sort(nanos);
        System.out.printf(
                "%d rules x %d instances, %d alerts, CPU time of the tick thread: median %.1f ms, p90 %.1f ms, worst %.1f ms of %d ticks%n",
                RULES,
                INSTANCES,
                alerts,
                nanos[MEASURED_TICKS / 2] / 1e6,
                nanos[MEASURED_TICKS * 9 / 10] / 1e6,
                nanos[MEASURED_TICKS - 1] / 1e6,
                MEASURED_TICKS);
    }

    private static RuleSet rules() {
        StringBuilder signals = new StringBuilder("version: 1\nsignals:\n");
        StringBuilder rules = new StringBuilder("version: 1\nrules:\n");
        for (int i = 0; i < RULES; i++) {
            signals.append(
                    "  s%d: {metric: llm.ttft, agg: p95, over: 5m, by: [model, server], unit: ms}%n".formatted(i));
            rules.append("""
                      r%d:
                        signal: s%d
                        tiers:
                          P2: {above: 500ms, for: 10s, clear_below: 450ms}
                          P1: {above: 1s, for: 10s, clear_below: 900ms}
                          P0: {above: 5s, for: 10s, clear_below: 3s}
                    """.formatted(i, i));
        }
        List<RuleFile> files =
                List.of(new RuleFile("signals.yml", signals.toString()), new RuleFile("rules.yml", rules.toString()));
        return new RuleLoader(Set.of(), ReceiverChecker.NONE)
                .load(files)
                .rules()
                .orElseThrow();
    }

    /** All samples of a tick, made before its time is taken. */
    private static final class Prepared implements SignalSource {
        private static final Duration OVER = Duration.ofMinutes(5);

        private final Map<String, List<GroupSample>> samples = new HashMap<>();

        Prepared(int tick) {
            SplittableRandom random = new SplittableRandom(tick);
            for (int rule = 0; rule < RULES; rule++) {
                List<GroupSample> groups = new ArrayList<>();
                for (int instance = 0; instance < INSTANCES; instance++) {
                    int kind = (rule * INSTANCES + instance) % 100;
                    double quiet = 300 + random.nextDouble() * 100;
                    double value = kind < 4 ? quiet + 400 : kind == 4 && tick / 5 % 2 == 0 ? quiet + 800 : quiet;
                    groups.add(new GroupSample(
                            LabelSet.of("model", "m" + instance, "server", "s" + instance % 4),
                            new Sample.Present(value, 100, new Provenance.Exact()),
                            OVER));
                }
                samples.put("s" + rule, groups);
            }
        }

        @Override
        public Optional<List<GroupSample>> read(Signal signal) {
            return Optional.of(samples.getOrDefault(signal.name(), List.of()));
        }

        @Override
        public boolean everMatched(Signal signal) {
            return true;
        }
    }
}
