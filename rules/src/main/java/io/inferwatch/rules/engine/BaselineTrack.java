package io.inferwatch.rules.engine;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.rules.Comparison;
import io.inferwatch.rules.Comparison.Against;
import io.inferwatch.rules.yaml.Durations;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What one instance is compared with; worked out anew only when the points it rests on change. */
final class BaselineTrack {
    private final Comparison comparison;
    private @Nullable PointHistory seen;
    private long seenFirst;
    private long seenLast;
    private long seenStep;
    private int seenVersion;
    private int seenPeriods;

    /** In the signal's unit; NaN where there is none. */
    double value = Double.NaN;

    /** The standard deviation of the points. */
    double spread = Double.NaN;

    private int points;

    BaselineTrack(Comparison comparison) {
        this.comparison = comparison;
    }

    void update(Instant t, PointHistory history, LabelSet group, FiredPeriods periods) {
        long width = history.widthMillis();
        long now = t.toEpochMilli() - history.signal().delay().toMillis();
        long first;
        long last;
        switch (comparison.against()) {
            case Against.Trailing trailing -> {
                first = Math.ceilDiv(now - trailing.window().toMillis(), width);
                last = Math.floorDiv(now - trailing.skipLast().toMillis(), width) - 1;
            }
            case Against.SameTime same -> {
                last = Math.floorDiv(now, width) - 1;
                first = last;
            }
        }
        long step = Math.floorDiv(now, width);
        boolean isSame = history == seen
                && first == seenFirst
                && last == seenLast
                && step == seenStep
                && history.version() == seenVersion
                && periods.version() == seenPeriods;
        if (isSame) {
            return;
        }
        seen = history;
        seenFirst = first;
        seenLast = last;
        seenStep = step;
        seenVersion = history.version();
        seenPeriods = periods.version();
        double[] own = history.pointsOf(group);
        settle(own == null ? new double[0] : collect(now, history, own, periods));
    }

    private double[] collect(long now, PointHistory history, double[] own, FiredPeriods periods) {
        boolean isCycle = comparison.against() instanceof Against.SameTime;
        int most = comparison.against() instanceof Against.SameTime same
                ? same.cycles()
                : (int) Math.max(0, seenLast - seenFirst + 1);
        // How long a period has lasted is asked at window bounds alone, or the answer would depend on when it was
        // asked.
        Instant bound = Instant.ofEpochMilli(seenStep * history.widthMillis());
        double[] found = new double[most];
        int n = 0;
        for (int k = 0; k < most; k++) {
            long window = isCycle ? cycle(now, k + 1, history.widthMillis()) : seenFirst + k;
            double point = history.at(own, window);
            boolean counts = !Double.isNaN(point)
                    && (periods.isEmpty() || !isExcluded(window, history.widthMillis(), bound, periods));
            if (counts) {
                found[n++] = point;
            }
        }
        return n == most ? found : Arrays.copyOf(found, n);
    }

    /** The last window that was over so many days or weeks ago. */
    private long cycle(long now, int back, long width) {
        long every = ((Against.SameTime) comparison.against()).every().toMillis();
        return Math.floorDiv(now - back * every, width) - 1;
    }

    private boolean isExcluded(long window, long width, Instant t, FiredPeriods periods) {
        return periods.cover(window * width, (window + 1) * width, t, comparison.excludeMax());
    }

    private void settle(double[] found) {
        points = found.length;
        if (points < comparison.minPoints()) {
            value = Double.NaN;
            spread = Double.NaN;
            return;
        }
        double mean = Arrays.stream(found).average().orElse(Double.NaN);
        double squares = 0;
        for (double point : found) {
            squares += (point - mean) * (point - mean);
        }
        spread = Math.sqrt(squares / points);
        if (comparison.of() != Comparison.Of.AVG) {
            Arrays.sort(found);
        }
        value = switch (comparison.of()) {
            case AVG -> mean;
            case MEDIAN -> (found[(points - 1) / 2] + found[points / 2]) / 2;
            case P95 -> found[(int) Math.ceil(points * 0.95) - 1];
        };
    }

    /** Why there is no baseline. */
    String reason(boolean isLoaded) {
        if (!isLoaded) {
            return "its past is being read";
        }
        PointHistory history = seen;
        String width = history == null
                ? ""
                : " of " + Durations.format(history.signal().over());
        return points + " points" + width + ", fewer than " + comparison.minPoints();
    }
}
