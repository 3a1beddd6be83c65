package io.inferwatch.rules.engine;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.histograms.GroupSample;
import io.inferwatch.histograms.Sample;
import io.inferwatch.rules.Comparison;
import io.inferwatch.rules.Signal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one instance sees of one signal: looked up once a tick, however many leaves ask. */
final class SignalTrack {
    final Signal signal;

    /** The labels of its group, the very object of the last sample where there was one: equal by identity next time. */
    LabelSet group;

    /** Absent where the group is not among the samples. */
    @Nullable GroupSample sample;

    /** The same, where there is a value. */
    Sample.@Nullable Present present;

    /** Whether no series ever matched the signal. */
    boolean leftOut;

    final Sparkline recent = new Sparkline();

    private final List<Baseline> baselines = new ArrayList<>();

    private record Baseline(Comparison comparison, BaselineTrack track) {}

    SignalTrack(Signal signal, LabelSet instance) {
        this.signal = signal;
        this.group = instance.only(signal.by());
    }

    void observe(Instant t, SignalReadings readings) {
        GroupSample now = readings.of(signal).get(group);
        sample = now;
        if (now == null) {
            present = null;
            leftOut = !readings.everMatched(signal);
            return;
        }
        leftOut = false;
        group = now.labels();
        present = now.sample() instanceof Sample.Present value ? value : null;
        if (present != null) {
            recent.add(t, present.value(), now.over());
        }
    }

    /** The baseline of this comparison, one for all leaves that make it. */
    BaselineTrack baseline(Comparison comparison) {
        for (Baseline known : baselines) {
            if (known.comparison.equals(comparison)) {
                return known.track;
            }
        }
        BaselineTrack made = new BaselineTrack(comparison);
        baselines.add(new Baseline(comparison, made));
        return made;
    }
}
