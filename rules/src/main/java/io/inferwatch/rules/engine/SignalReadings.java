package io.inferwatch.rules.engine;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.histograms.GroupSample;
import io.inferwatch.histograms.Provenance;
import io.inferwatch.histograms.Sample;
import io.inferwatch.rules.Signal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All signals of one tick, each read once however many rules ask for it. */
final class SignalReadings {
    private final SignalSource source;
    private final Map<String, Map<LabelSet, GroupSample>> bySignal = new HashMap<>();

    SignalReadings(SignalSource source) {
        this.source = source;
    }

    /** The samples of a signal by the labels of their group. */
    Map<LabelSet, GroupSample> of(Signal signal) {
        Map<LabelSet, GroupSample> known = bySignal.get(signal.name());
        if (known != null) {
            return known;
        }
        Map<LabelSet, GroupSample> read = byLabels(source.read(signal), signal);
        bySignal.put(signal.name(), read);
        return read;
    }

    boolean everMatched(Signal signal) {
        return !of(signal).isEmpty() || source.everMatched(signal);
    }

    private Map<LabelSet, GroupSample> byLabels(Optional<List<GroupSample>> answer, Signal signal) {
        Map<LabelSet, GroupSample> groups = new HashMap<>();
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
        Map<String, Double> values = new HashMap<>();
        long samples = Long.MAX_VALUE;
        Duration over = Duration.ZERO;
        for (Signal operand : signal.operands()) {
            GroupSample group = of(operand).get(labels.only(operand.by()));
            if (group == null || !(group.sample() instanceof Sample.Present present)) {
                return new GroupSample(labels, new Sample.Missing(operand.name() + " has no value"), over);
            }
            values.put(operand.name(), present.value());
            samples = Math.min(samples, present.count());
            over = over.compareTo(group.over()) < 0 ? group.over() : over;
        }
        double value = signal.expression().evaluate(values::get) * signal.factor();
        Sample sample = Double.isFinite(value)
                ? new Sample.Present(value, samples, new Provenance.Exact())
                : new Sample.Missing("the expression has no finite value");
        return new GroupSample(labels, sample, over);
    }
}
