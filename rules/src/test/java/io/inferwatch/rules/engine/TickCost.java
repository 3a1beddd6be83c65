package io.inferwatch.rules.engine;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.histograms.Bracket;
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
 * What a tick costs, reading the signals left out: 1,000 rules with 20 instances each, or as many as the arguments say
 * ({@code 200 200}). Each rule has a signal of its own and three tiers; every fourth is compared with its last day, every
 * eighth burns a budget in four windows. Of a hundred instances four fire and one comes and goes. Not a test: run it by hand, with the flags the
 * product runs with, {@code -XX:+UseSerialGC -XX:TieredStopAtLevel=1}.
 */
final class TickCost {
    private static final int WARM_UP_TICKS = 150;
    private static final int MEASURED_TICKS = 50;
    private static final Duration EVERY = Duration.ofSeconds(5);

    private TickCost() {}

    public static void main(String[] args) {
        int rules = args.length > 0 ? Integer.parseInt(args[0]) : 1_000;
        int instances = args.length > 1 ? Integer.parseInt(args[1]) : 20;
        RuleEngine engine = new RuleEngine(rules(rules), ExpectedInstances.ALL);
        Instant t = Instant.parse("2026-01-05T12:00:00Z");
        ThreadMXBean cpu = ManagementFactory.getThreadMXBean();
        com.sun.management.ThreadMXBean heap = (com.sun.management.ThreadMXBean) cpu;
        giveHistory(engine, t, instances);
        LabelSet[][] labels = groups(rules, instances);
        long allocated = 0;
        long[] nanos = new long[MEASURED_TICKS];
        int alerts = 0;
        for (int tick = 0; tick < WARM_UP_TICKS + MEASURED_TICKS; tick++) {
            t = t.plus(EVERY);
            SignalSource source = new Prepared(tick, labels);
            long allocatedBefore = heap.getCurrentThreadAllocatedBytes();
            long began = cpu.getCurrentThreadCpuTime();
            alerts = engine.tick(t, source).alerts().size();
            nanos[tick % MEASURED_TICKS] = cpu.getCurrentThreadCpuTime() - began;
            allocated = heap.getCurrentThreadAllocatedBytes() - allocatedBefore;
        }
        Arrays.sort(nanos);
        System.out.printf(
                "%d rules x %d instances, %d alerts, CPU time of the tick thread: median %.1f ms, p90 %.1f ms, worst %.1f ms of %d ticks; last tick allocated %.1f MB%n",
                rules,
                instances,
                alerts,
                nanos[MEASURED_TICKS / 2] / 1e6,
                nanos[MEASURED_TICKS * 9 / 10] / 1e6,
                nanos[MEASURED_TICKS - 1] / 1e6,
                MEASURED_TICKS,
                allocated / 1e6);
    }

    private static void giveHistory(RuleEngine engine, Instant t, int instances) {
        for (RuleEngine.PastWanted asked : engine.pastWanted(t)) {
            Map<LabelSet, Map<Instant, Bracket>> past = new HashMap<>();
            for (int instance = 0; instance < instances; instance++) {
                Map<Instant, Bracket> points = new HashMap<>();
                for (Instant at = asked.from(); at.isBefore(asked.to()); at = at.plus(asked.width())) {
                    points.put(at, Bracket.exact(350));
                }
                past.put(labels(instance), points);
            }
            engine.remember(asked, past);
        }
    }

    /** As the store hands them out: of one signal the same objects in every tick, of each signal its own. */
    private static LabelSet[][] groups(int rules, int instances) {
        LabelSet[][] groups = new LabelSet[rules][instances];
        for (LabelSet[] ofOne : groups) {
            for (int instance = 0; instance < instances; instance++) {
                ofOne[instance] = labels(instance);
            }
        }
        return groups;
    }

    private static LabelSet labels(int instance) {
        return LabelSet.of("model", "m" + instance, "server", "s" + instance % 4);
    }

    private static RuleSet rules(int count) {
        StringBuilder signals = new StringBuilder("version: 1\nsignals:\n");
        StringBuilder rules = new StringBuilder("version: 1\nrules:\n");
        for (int i = 0; i < count; i++) {
            signals.append(
                    "  s%d: {metric: llm.ttft, agg: p95, over: 5m, by: [model, server], unit: ms}%n".formatted(i));
            if (i % 8 == 3) {
                rules.append("""
                          r%d:
                            burn_rate: {metric: llm.ttft, share_above: 500ms, objective: 99%%, period: 30d, by: [model, server]}
                            tiers:
                              P1: {any: [{factor: 14.4, long: 1h, short: 5m}, {factor: 6, long: 6h, short: 30m}]}
                        """.formatted(i));
                continue;
            }
            if (i % 4 == 0) {
                rules.append("""
                          r%d:
                            signal: s%d
                            compare: {to: trailing, window: 24h, skip_last: 30m, min_points: 60}
                            tiers: {P2: {above: 2x, for: 10s, clear_below: 1.7x}, P1: {above: 5x, for: 10s}}
                        """.formatted(i, i));
                continue;
            }
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

        Prepared(int tick, LabelSet[][] labels) {
            SplittableRandom random = new SplittableRandom(tick);
            for (int rule = 0; rule < labels.length; rule++) {
                List<GroupSample> groups = new ArrayList<>();
                int instances = labels[rule].length;
                for (int instance = 0; instance < instances; instance++) {
                    int kind = (rule * instances + instance) % 100;
                    double quiet = 300 + random.nextDouble() * 100;
                    double value = kind < 4 ? quiet + 400 : kind == 4 && tick / 5 % 2 == 0 ? quiet + 800 : quiet;
                    groups.add(new GroupSample(
                            labels[rule][instance], new Sample.Present(value, 100, new Provenance.Exact()), OVER));
                }
                samples.put("s" + rule, groups);
                List<GroupSample> burns = groups.stream().map(Prepared::burn).toList();
                for (String window : List.of("1h", "5m", "6h", "30m")) {
                    samples.put("r" + rule + ".burn_" + window, burns);
                }
            }
        }

        /** What is slow burns the budget, what is not does not. */
        private static GroupSample burn(GroupSample slow) {
            double value = ((Sample.Present) slow.sample()).value() > 500 ? 20 : 0.3;
            return new GroupSample(slow.labels(), new Sample.Present(value, 100, new Provenance.Exact()), OVER);
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
