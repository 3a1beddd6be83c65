package io.inferwatch.collector.proxy.answer;

import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * How often a time was seen between two chunks with tokens, in µs. Times are kept to three significant digits, as the windows keep
 * them, each as the middle of its cell: an answer has one chunk a token, and counts take a fraction of the room. One thread.
 */
public final class GapCounts {
    /** Cells of a power of two: 11 bits of a number are kept. */
    private static final int BITS_KEPT = 11;

    private final Map<Long, Long> countsByMicros = new HashMap<>();

    /** @param micros at least 0 */
    public void add(long micros) {
        countsByMicros.merge(cell(micros), 1L, Long::sum);
    }

    public void addAll(GapCounts more) {
        more.countsByMicros.forEach((micros, count) -> countsByMicros.merge(micros, count, Long::sum));
    }

    public boolean isEmpty() {
        return countsByMicros.isEmpty();
    }

    /** Each time with its count, in any order. */
    public void forEach(BiConsumer<Long, Long> each) {
        countsByMicros.forEach(each);
    }

    private static long cell(long micros) {
        int shift = Math.max(0, Long.SIZE - Long.numberOfLeadingZeros(micros) - BITS_KEPT);
        return (micros >> shift << shift) + (shift == 0 ? 0 : 1L << (shift - 1));
    }
}
