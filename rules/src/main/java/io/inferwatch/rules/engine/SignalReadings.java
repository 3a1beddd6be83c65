package io.inferwatch.rules.engine;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.histograms.Bracket;
import io.inferwatch.histograms.GroupSample;
import io.inferwatch.histograms.Provenance;
import io.inferwatch.histograms.Sample;
import io.inferwatch.rules.GpuSignals;
import io.inferwatch.rules.GpuWindow;
import io.inferwatch.rules.Signal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** All signals of one tick, each read once however many rules ask for it. */
final class SignalReadings {
    private final SignalSource source;
    private final Map<String, PointHistory> histories;
    private final Map<String, Map<LabelSet, GroupSample>> bySignal = new HashMap<>();
    private final Map<Duration, List<GpuWindow>> gpusByWindow = new HashMap<>();

    /** A rule asks for the same signal once an instance. */
    private @Nullable Signal lastAsked;

    private Map<LabelSet, GroupSample> lastAnswer = Map.of();

    /** @param histories of the signals that are compared with their past, by name */
    SignalReadings(SignalSource source, Map<String, PointHistory> histories) {
        this.source = source;
        this.histories = histories;
    }

    /** What the signal had before, up to the last window that is over. */
    PointHistory history(Signal signal, Instant t) {
        PointHistory history = histories.get(signal.name());
        if (history == null) {
            throw new IllegalStateException("no history is kept of " + signal.name());
        }
        history.advance(t, source);
        return history;
    }

    /** The samples of a signal by the labels of their group. */
    Map<LabelSet, GroupSample> of(Signal signal) {
        if (signal == lastAsked) {
            return lastAnswer;
        }
        Map<LabelSet, GroupSample> answer = bySignal.get(signal.name());
        if (answer == null) {
            answer = byLabels(source.read(signal), signal);
            bySignal.put(signal.name(), answer);
        }
        lastAsked = signal;
        lastAnswer = answer;
        return answer;
    }

    /** What each GPU did lately, read once for each length of the window; in no order. */
    List<GpuWindow> gpus(Duration over) {
        return gpusByWindow.computeIfAbsent(over, this::readGpus);
    }

    private List<GpuWindow> readGpus(Duration over) {
        GpuWindow.Draft draft = new GpuWindow.Draft(over);
        List<Signal> signals = GpuSignals.over(over);
        for (int i = 0; i < signals.size(); i++) {
            String metric = GpuSignals.METRICS.get(i);
            for (GroupSample group : source.read(signals.get(i)).orElse(List.of())) {
                if (group.sample() instanceof Sample.Present present) {
                    draft.put(metric, group.labels(), present.value());
                }
            }
        }
        return draft.done();
    }

    boolean everMatched(Signal signal) {
        return !of(signal).isEmpty() || source.everMatched(signal);
    }

    private Map<LabelSet, GroupSample> byLabels(Optional<List<GroupSample>> answer, Signal signal) {
        Map<LabelSet, GroupSample> groups =
                HashMap.newHashMap(answer.map(List::size).orElse(16));
        if (answer.isPresent()) {
            answer.get().forEach(group -> groups.put(group.labels(), group));
        } else if (signal instanceof Signal.Computed computed) {
            List<LabelJoin.Axis> axes = new ArrayList<>();
            computed.operands()
                    .forEach(operand -> axes.add(
                            new LabelJoin.Axis(operand.by(), of(operand).keySet())));
            for (LabelSet labels : LabelJoin.instances(axes)) {
                groups.put(labels, compute(computed, labels));
            }
        }
        return groups;
    }

    private GroupSample compute(Signal.Computed signal, LabelSet labels) {
        Map<String, Sample.Present> values = new HashMap<>();
        long samples = Long.MAX_VALUE;
        Duration over = Duration.ZERO;
        for (Signal operand : signal.operands()) {
            GroupSample group = of(operand).get(labels.only(operand.by()));
            if (group == null || !(group.sample() instanceof Sample.Present present)) {
                return new GroupSample(labels, new Sample.Missing(operand.name() + " has no value"), over);
            }
            values.put(operand.name(), present);
            samples = Math.min(samples, present.count());
            over = over.compareTo(group.over()) < 0 ? group.over() : over;
        }
        double value = evaluate(signal, values);
        if (!Double.isFinite(value)) {
            return new GroupSample(labels, new Sample.Missing("the expression has no finite value"), over);
        }
        return new GroupSample(labels, present(signal, values, value, samples), over);
    }

    private static double evaluate(Signal.Computed signal, Map<String, Sample.Present> values) {
        return signal.expression().evaluate(name -> {
                    Sample.Present operand = values.get(name);
                    return operand == null ? Double.NaN : operand.value();
                })
                * signal.factor();
    }

    /** Of exact operands an exact number, else the bounds it lies between. */
    private static Sample present(
            Signal.Computed signal, Map<String, Sample.Present> values, double value, long samples) {
        Optional<Sample.Present> bracket =
                values.values().stream().filter(operand -> !operand.isExact()).findFirst();
        if (bracket.isEmpty()) {
            return new Sample.Present(value, samples, new Provenance.Exact());
        }
        Bracket between = signal.evaluateBetween(name -> {
            Sample.Present operand = values.get(name);
            return operand == null
                    ? Bracket.exact(Double.NaN)
                    : new Bracket(operand.lo(), operand.value(), operand.hi());
        });
        return new Sample.Present(
                value, between.lo(), between.hi(), samples, bracket.get().provenance());
    }
}
