package io.inferwatch.histograms;

import java.time.Duration;
import java.util.Arrays;

/**
 * How a range is laid over the widths of {@link Level}: the longer it is, the coarser its ends. Up to 2 min ends lie on
 * full seconds, up to 30 min on 10 s, up to 3 h on minutes, up to 36 h on 10 min, beyond on hours.
 */
final class Span {
    static final int LEVELS = Level.WIDTHS_MILLIS.size();
    private static final long[] LONGEST_MILLIS = {120_000L, 1_800_000L, 10_800_000L, 129_600_000L, Long.MAX_VALUE};

    private Span() {}

    static int grain(long reachMillis) {
        int grain = 0;
        while (reachMillis > LONGEST_MILLIS[grain]) {
            grain++;
        }
        return grain;
    }

    static long width(int level) {
        return Level.WIDTHS_MILLIS.get(level);
    }

    /** For how long each level must be kept to answer this query; 0: not at all. */
    static long[] kept(SignalQuery query) {
        long[] kept = new long[LEVELS];
        long delay = query.delay().toMillis();
        long longest = Math.max(query.over().toMillis(), query.overAtMost().toMillis());
        int finest = grain(query.over().toMillis() + delay);
        int coarsest = grain(longest + delay);
        for (int level = finest; level <= coarsest; level++) {
            kept[level] = Math.min(LONGEST_MILLIS[level], longest + delay) + 2 * width(level);
        }
        // The next coarser width is there when panes are given up, and spares merging many fine ones.
        for (int level = finest + 1; level < LEVELS && (level <= 1 || width(level) <= longest); level++) {
            kept[level] = Math.max(kept[level], longest + delay + 2 * width(level));
        }
        return kept;
    }

    static long[] longer(long[] one, long[] other) {
        long[] both = Arrays.copyOf(one, one.length);
        for (int i = 0; i < both.length; i++) {
            both[i] = Math.max(both[i], other[i]);
        }
        return both;
    }

    /** For words: {@code 90s}, {@code 5m}, {@code 1h}. */
    static String words(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds % 3_600 == 0 && seconds > 0) {
            return seconds / 3_600 + "h";
        }
        return seconds % 60 == 0 && seconds > 0 ? seconds / 60 + "m" : seconds + "s";
    }
}
