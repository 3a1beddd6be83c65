package io.inferwatch.histograms;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The samples of one series in one stretch of time: an immutable histogram with exact count, sum, min, max and last, and
 * cells of three significant digits. It holds at least one sample: an empty window does not exist. All values are in the
 * integer steps of the metric's unit.
 *
 * <p>Of {@linkplain #isBucketed bucketed} observations the brackets are the truth, and the rest is derived from them for
 * whoever draws or sorts: each bucket's observations stand at one value of it.
 */
public final class WindowData {
    /** Receives cells in ascending order of their values. */
    @FunctionalInterface
    public interface CellVisitor {
        /**
         * @param lowestScaled the smallest value that falls into the cell
         * @param highestScaled the largest
         */
        void cell(long lowestScaled, long highestScaled, long count);
    }

    private final long count;
    private final WideSum sum;
    private final long min;
    private final long max;
    private final long last;
    private final long lastEpochMillis;
    private final long clamped;
    private final List<Exemplar> exemplars;
    private final byte[] cells;
    private final @Nullable Brackets brackets;

    WindowData(
            long count,
            WideSum sum,
            long min,
            long max,
            long last,
            long lastEpochMillis,
            long clamped,
            List<Exemplar> exemplars,
            byte[] cells) {
        this(count, sum, min, max, last, lastEpochMillis, clamped, exemplars, cells, null);
    }

    private WindowData(
            long count,
            WideSum sum,
            long min,
            long max,
            long last,
            long lastEpochMillis,
            long clamped,
            List<Exemplar> exemplars,
            byte[] cells,
            @Nullable Brackets brackets) {
        this.count = count;
        this.sum = sum;
        this.min = min;
        this.max = max;
        this.last = last;
        this.lastEpochMillis = lastEpochMillis;
        this.clamped = clamped;
        this.exemplars = exemplars;
        this.cells = cells;
        this.brackets = brackets;
    }

    /** @param lastEpochMillis when the last of them were read */
    static WindowData ofBrackets(Brackets brackets, long lastEpochMillis) {
        Tally derived = new Tally();
        for (BracketPart part : brackets.parts()) {
            double[] values = new BracketRank(part, 0).representatives();
            for (int i = 0; i < values.length; i++) {
                long scaled = Math.min(Math.round(values[i]), Cells.HIGHEST_SCALED);
                if (part.counts()[i] > 0 && !derived.record(scaled, part.counts()[i], lastEpochMillis, null)) {
                    throw new ArithmeticException("more observations in one bucket than can be counted");
                }
            }
        }
        WindowData cells = derived.toWindowData();
        long sum = Math.round(brackets.sum().estimate());
        return new WindowData(
                cells.count,
                new WideSum(0, Math.max(0, sum)),
                cells.min,
                cells.max,
                cells.last,
                lastEpochMillis,
                0,
                List.of(),
                cells.cells,
                brackets);
    }

    /** These samples, each of weight 1, all of the same time. At least one. */
    public static WindowData ofSamples(long epochMillis, long... scaledValues) {
        Tally tally = new Tally();
        for (long scaled : scaledValues) {
            tally.record(scaled, 1, epochMillis, null);
        }
        return tally.toWindowData();
    }

    /** The same samples, others of them remembered by name: of its own, at most {@link Exemplar#KEPT_PER_WINDOW}. */
    public WindowData withExemplars(List<Exemplar> remembered) {
        if (remembered.size() > Exemplar.KEPT_PER_WINDOW) {
            throw new IllegalArgumentException(
                    remembered.size() + " exemplars, at most " + Exemplar.KEPT_PER_WINDOW + " are kept of a window");
        }
        List<Exemplar> slowestFirst =
                remembered.stream().sorted(Exemplar.SLOWEST_FIRST).toList();
        return new WindowData(count, sum, min, max, last, lastEpochMillis, clamped, slowestFirst, cells, brackets);
    }

    /** The versioned row form, drawn in {@link WindowCodec}; whoever stores it adds a checksum. A new array. */
    public byte[] encoded() {
        return brackets == null ? WindowCodec.encode(this) : BracketCodec.encode(brackets, lastEpochMillis);
    }

    /** @throws IllegalArgumentException when the bytes cannot be such a row */
    public static WindowData decode(byte[] encoded) {
        return encoded.length > 2 && encoded[0] == BracketCodec.VERSION
                ? BracketCodec.decode(encoded)
                : WindowCodec.decode(encoded);
    }

    /** Whether a row remembers samples by name, without decoding it. */
    public static boolean hasExemplars(byte[] encoded) {
        return WindowCodec.hasExemplars(encoded);
    }

    /**
     * Loses nothing: the merge of the parts is the histogram of all their samples, in any order. The last sample is that
     * of the latest time; of several at one time, the largest.
     *
     * @throws IllegalArgumentException when there are no parts
     */
    public static WindowData merge(Collection<WindowData> parts) {
        Iterator<WindowData> each = parts.iterator();
        if (!each.hasNext()) {
            throw new IllegalArgumentException("no windows to merge: an empty window does not exist");
        }
        return parts.size() == 1 ? each.next() : WindowMerge.merge(parts);
    }

    /** Whether the observations were only counted between bounds. */
    public boolean isBucketed() {
        return brackets != null;
    }

    Optional<Brackets> brackets() {
        return Optional.ofNullable(brackets);
    }

    /** As brackets, whatever it is. */
    Brackets asBrackets() {
        return brackets == null ? Brackets.ofCells(this) : brackets;
    }

    public long count() {
        return count;
    }

    /** Exact up to what a double holds. */
    public double sumScaled() {
        return sum.doubleValue();
    }

    public double meanScaled() {
        return sum.doubleValue() / count;
    }

    public long minScaled() {
        return min;
    }

    public long maxScaled() {
        return max;
    }

    public long lastScaled() {
        return last;
    }

    public long lastEpochMillis() {
        return lastEpochMillis;
    }

    /** How many samples lay past what the unit counts and were put at its end. */
    public long clampedCount() {
        return clamped;
    }

    /** The slowest samples that carried a request id, slowest first; at most {@link Exemplar#KEPT_PER_WINDOW}. */
    public List<Exemplar> exemplars() {
        return exemplars;
    }

    /**
     * The value at rank ⌈p·n/100⌉, to within 0.1 %.
     *
     * @param p 0–100; 0 is the minimum
     */
    public long percentileScaled(BigDecimal p) {
        if (p.signum() < 0 || p.compareTo(BigDecimal.valueOf(100)) > 0) {
            throw new IllegalArgumentException("percentile " + p.toPlainString() + " is not within 0 and 100");
        }
        return scaledAtRank(p.multiply(BigDecimal.valueOf(count))
                .movePointLeft(2)
                .setScale(0, RoundingMode.CEILING)
                .longValueExact());
    }

    private long scaledAtRank(long rank) {
        if (rank <= 1) {
            return min;
        }
        if (rank >= count) {
            return max;
        }
        PackedCells.Cursor cursor = cursor();
        long seen = 0;
        while (seen < rank && cursor.next()) {
            seen += cursor.count();
        }
        return Math.clamp(Cells.middle(cursor.cell()), min, max);
    }

    /** Samples past the cell that holds the limit: strictly above it, exact where the limit ends a cell. */
    public long countAbove(BigDecimal limitScaled) {
        long limit = bounded(limitScaled.setScale(0, RoundingMode.FLOOR));
        if (limit < min) {
            return count;
        }
        return limit >= max ? 0 : count - countUpTo(Cells.of(limit));
    }

    /** Samples before the cell that holds the limit: strictly below it, exact where the limit begins a cell. */
    public long countBelow(BigDecimal limitScaled) {
        long limit = bounded(limitScaled.setScale(0, RoundingMode.CEILING));
        if (limit > max) {
            return count;
        }
        return limit <= min ? 0 : countUpTo(Cells.of(limit) - 1);
    }

    private static long bounded(BigDecimal scaled) {
        return scaled.max(BigDecimal.valueOf(-Cells.HIGHEST_SCALED))
                .min(BigDecimal.valueOf(Cells.HIGHEST_SCALED))
                .longValueExact();
    }

    private long countUpTo(int lastCell) {
        PackedCells.Cursor cursor = cursor();
        long seen = 0;
        while (cursor.next() && cursor.cell() <= lastCell) {
            seen += cursor.count();
        }
        return seen;
    }

    /** The deviation of all samples from their exact mean, each taken at the middle of its cell. */
    public double stddevScaled() {
        if (min == max) {
            return 0;
        }
        double mean = meanScaled();
        double squares = 0;
        PackedCells.Cursor cursor = cursor();
        while (cursor.next()) {
            double distance = Math.clamp(Cells.middle(cursor.cell()), min, max) - mean;
            squares += distance * distance * cursor.count();
        }
        return Math.sqrt(squares / count);
    }

    public void forEachCell(CellVisitor visitor) {
        PackedCells.Cursor cursor = cursor();
        while (cursor.next()) {
            visitor.cell(Cells.lowest(cursor.cell()), Cells.highest(cursor.cell()), cursor.count());
        }
    }

    PackedCells.Cursor cursor() {
        return new PackedCells.Cursor(cells, Cells.of(min));
    }

    WideSum sum() {
        return sum;
    }

    /** Shared: not to be written to. */
    byte[] packedCells() {
        return cells;
    }

    /** About what this takes of the heap. */
    int heapBytes() {
        return 160 + cells.length + exemplars.size() * 120 + (brackets == null ? 0 : brackets.heapBytes());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof WindowData data && Arrays.equals(encoded(), data.encoded());
    }

    @Override
    public int hashCode() {
        return Long.hashCode(count * 31 + sum.low());
    }

    @Override
    public String toString() {
        return "WindowData[count=" + count + ", sum=" + sum.doubleValue() + ", min=" + min + ", max=" + max + ", last="
                + last + " at " + lastEpochMillis + ", cells=" + cells.length + " bytes]";
    }
}
