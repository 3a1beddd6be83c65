package io.inferwatch.collector.scrape;

import io.inferwatch.collector.Buckets;
import io.inferwatch.collector.scrape.page.BucketSeries;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * What was added to a histogram between two readings of it.
 *
 * @param bounds in the page's unit
 * @param counts one more than there are bounds
 * @param sum of what was added; NaN where it is not known
 * @param isReset whether the histogram began anew in between, so that all it holds now was added
 * @param repairs counts that fell though the histogram did not begin anew, and were taken as unchanged
 */
@SuppressWarnings("ArrayRecordComponent") // short-lived, never compared
public record BucketDelta(double[] bounds, long[] counts, double sum, boolean isReset, int repairs) {
    /** Of the mean: a tenth of what answers are exact to. */
    private static final double SUM_PRECISION = 1e-4;

    /**
     * @param before absent: the histogram was not on the page before
     * @param isOther whether the page says that it counts from another start
     * @param isSame whether the page says that it counts from the same start
     */
    public static BucketDelta between(
            @Nullable BucketSeries before, BucketSeries now, boolean isOther, boolean isSame) {
        if (before == null) {
            return whole(now, false);
        }
        if (isOther || now.count() < before.count()) {
            return whole(now, true);
        }
        double[] bounds = now.bounds();
        long[] upTo = new long[bounds.length + 1];
        boolean[] isKnown = new boolean[bounds.length];
        for (int i = 0; i < bounds.length; i++) {
            long known = countUpTo(before, bounds[i]);
            isKnown[i] = known >= 0;
            upTo[i] = known;
        }
        upTo[bounds.length] = before.count();
        if (!isSame && (hasUnknown(isKnown) || hasFallen(upTo, now.cumulative()))) {
            return whole(now, true);
        }
        return difference(before, now, upTo, isKnown);
    }

    private static boolean hasUnknown(boolean[] isKnown) {
        for (boolean known : isKnown) {
            if (!known) {
                return true;
            }
        }
        return false;
    }

    private static boolean hasFallen(long[] before, long[] now) {
        for (int i = 0; i < now.length; i++) {
            if (now[i] < before[i]) {
                return true;
            }
        }
        return false;
    }

    /** −1 where the bound cuts a bucket that holds something: how much of it lies below is not known. */
    private static long countUpTo(BucketSeries series, double bound) {
        int at = Arrays.binarySearch(series.bounds(), bound);
        if (at >= 0) {
            return series.cumulative()[at];
        }
        int next = -at - 1;
        long below = next == 0 ? 0 : series.cumulative()[next - 1];
        return series.cumulative()[next] == below ? below : -1;
    }

    private static BucketDelta difference(BucketSeries before, BucketSeries now, long[] upTo, boolean[] isKnown) {
        double[] bounds = new double[now.bounds().length];
        long[] counts = new long[bounds.length + 1];
        int kept = 0;
        int repairs = 0;
        long counted = 0;
        for (int i = 0; i < upTo.length; i++) {
            boolean isLast = i == bounds.length;
            if (!isLast && !isKnown[i]) {
                continue;
            }
            long added = now.cumulative()[i] - upTo[i];
            repairs += added < counted ? 1 : 0;
            long upToHere = Math.max(added, counted);
            counts[kept] = upToHere - counted;
            counted = upToHere;
            if (!isLast) {
                bounds[kept++] = now.bounds()[i];
            }
        }
        return new BucketDelta(
                Arrays.copyOf(bounds, kept),
                Arrays.copyOf(counts, kept + 1),
                repairs > 0 ? Double.NaN : sumAdded(before, now, counted),
                false,
                repairs);
    }

    /** NaN where it is not known, also for being smaller than what a sum so large rounds away. */
    private static double sumAdded(BucketSeries before, BucketSeries now, long added) {
        double sum = now.sum().orElse(Double.NaN) - before.sum().orElse(Double.NaN);
        double smallestTold = Math.max(sum / Math.max(1, added), now.bounds().length == 0 ? 0 : now.bounds()[0]);
        boolean isRoundedAway = Math.ulp(now.sum().orElse(0)) > smallestTold * SUM_PRECISION;
        return sum < 0 || isRoundedAway ? Double.NaN : sum;
    }

    private static BucketDelta whole(BucketSeries now, boolean isReset) {
        long[] counts = now.cumulative().clone();
        for (int i = counts.length - 1; i > 0; i--) {
            counts[i] -= counts[i - 1];
        }
        return new BucketDelta(
                now.bounds(), counts, now.repairs() > 0 ? Double.NaN : now.sum().orElse(Double.NaN), isReset, 0);
    }

    public long count() {
        return Arrays.stream(counts).sum();
    }

    /** How many were at most so much; −1 where that is no bound. */
    long countUpTo(double bound) {
        int at = Arrays.binarySearch(bounds, bound);
        return at < 0 ? -1 : Arrays.stream(counts, 0, at + 1).sum();
    }

    /** Without so many of the first bucket, which were 0 and so are not in the sum. */
    BucketDelta withoutZeros(long zeros) {
        long[] fewer = counts.clone();
        fewer[0] -= zeros;
        return new BucketDelta(bounds, fewer, sum, isReset, repairs);
    }

    /** @param stepsPerPageUnit what one unit of the page is in steps of the metric's unit */
    public Buckets scaled(double stepsPerPageUnit) {
        BigDecimal factor = BigDecimal.valueOf(stepsPerPageUnit);
        double[] scaled = new double[bounds.length];
        long[] kept = new long[counts.length];
        int next = 0;
        for (int i = 0; i < bounds.length; i++) {
            kept[next] += counts[i];
            // By decimals, so that 0.0003375 s are 337.5 µs and a limit written so meets the bound.
            double bound = BigDecimal.valueOf(bounds[i]).multiply(factor).doubleValue();
            if (bound >= 0 && bound < Double.POSITIVE_INFINITY && (next == 0 || bound > scaled[next - 1])) {
                scaled[next++] = bound;
            }
        }
        kept[next] += counts[bounds.length];
        double scaledSum = sum * stepsPerPageUnit;
        return new Buckets(
                Arrays.copyOf(scaled, next),
                Arrays.copyOf(kept, next + 1),
                Double.isNaN(scaledSum) ? OptionalDouble.empty() : OptionalDouble.of(scaledSum));
    }
}
