package io.inferwatch.rules.engine;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.histograms.Bracket;
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

    /** What value and spread lie between: themselves, unless some point is known by bucket counts alone. */
    private double low = Double.NaN;

    private double high = Double.NaN;
    private double spreadLow = Double.NaN;
    private double spreadHigh = Double.NaN;
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
        GroupPoints own = history.pointsOf(group);
        if (own == null) {
            settle(0);
        } else {
            settle(own, collect(now, history, own, periods));
        }
    }

    /** The slots of the points that count. */
    private int[] collect(long now, PointHistory history, GroupPoints own, FiredPeriods periods) {
        boolean isCycle = comparison.against() instanceof Against.SameTime;
        int most = comparison.against() instanceof Against.SameTime same
                ? same.cycles()
                : (int) Math.max(0, seenLast - seenFirst + 1);
        // How long a period has lasted is asked at window bounds alone, or the answer would depend on when it was
        // asked.
        Instant bound = Instant.ofEpochMilli(seenStep * history.widthMillis());
        int[] found = new int[most];
        int n = 0;
        for (int k = 0; k < most; k++) {
            long window = isCycle ? cycle(now, k + 1, history.widthMillis()) : seenFirst + k;
            int slot = history.slotOf(own, window);
            boolean counts =
                    slot >= 0 && (periods.isEmpty() || !isExcluded(window, history.widthMillis(), bound, periods));
            if (counts) {
                found[n++] = slot;
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

    private void settle(GroupPoints own, int[] slots) {
        settle(slots.length);
        if (points < comparison.minPoints()) {
            return;
        }
        double[] found = picked(own.estimates(), slots);
        spread = deviation(found);
        value = made(found);
        low = value;
        high = value;
        spreadLow = spread;
        spreadHigh = spread;
        if (!own.isExact()) {
            settleBounds(picked(own.lows(), slots), picked(own.highs(), slots));
        }
    }

    private void settle(int found) {
        points = found;
        value = Double.NaN;
        spread = Double.NaN;
        low = Double.NaN;
        high = Double.NaN;
        spreadLow = Double.NaN;
        spreadHigh = Double.NaN;
    }

    /**
     * The number made of the points grows with each of them. Their deviation does not, but it is a seminorm: it differs
     * from that of the middles by no more than the deviation of what the points may be off.
     */
    private void settleBounds(double[] lows, double[] highs) {
        double[] middles = new double[points];
        double squares = 0;
        for (int i = 0; i < points; i++) {
            middles[i] = (lows[i] + highs[i]) / 2;
            squares += (highs[i] - lows[i]) * (highs[i] - lows[i]) / 4;
        }
        double off = Math.sqrt(squares / points);
        if (off > 0) {
            double middle = deviation(middles);
            spreadLow = Double.isFinite(middle) ? Math.max(0, middle - off) : 0;
            spreadHigh = Double.isFinite(middle) ? middle + off : Double.POSITIVE_INFINITY;
        }
        low = made(lows);
        high = made(highs);
    }

    private static double[] picked(double[] from, int[] slots) {
        double[] found = new double[slots.length];
        for (int i = 0; i < found.length; i++) {
            found[i] = from[slots[i]];
        }
        return found;
    }

    private static double deviation(double[] found) {
        double mean = Arrays.stream(found).average().orElse(Double.NaN);
        double squares = 0;
        for (double point : found) {
            squares += (point - mean) * (point - mean);
        }
        return Math.sqrt(squares / found.length);
    }

    /** The number of the points that is compared with; sorts them. */
    private double made(double[] found) {
        if (comparison.of() == Comparison.Of.AVG) {
            return Arrays.stream(found).average().orElse(Double.NaN);
        }
        Arrays.sort(found);
        return comparison.of() == Comparison.Of.MEDIAN
                ? (found[(points - 1) / 2] + found[points / 2]) / 2
                : found[(int) Math.ceil(points * 0.95) - 1];
    }

    /** Whether the baseline is a number and not just between two. */
    boolean isExact() {
        return low == high && spreadLow == spreadHigh;
    }

    /**
     * What a value between two bounds comes to at least and at most. The comparison grows or falls with each of value,
     * baseline and spread for itself, so its ends lie at their ends. NaN where there may be nothing to compare with.
     */
    Bracket compared(double from, double to) {
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        for (double one : new double[] {from, to}) {
            for (double base : new double[] {low, high}) {
                for (double off : new double[] {spreadLow, spreadHigh}) {
                    double end = comparison.compare(one, base, off);
                    least = Math.min(least, end);
                    most = Math.max(most, end);
                }
            }
        }
        return new Bracket(least, least, most);
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
