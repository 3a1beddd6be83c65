package io.inferwatch.histograms;

import io.inferwatch.collector.Buckets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A histogram that is being written: sparse, one {@code long} a cell, the cell in the upper 20 bits and its count in the
 * lower 44. Not thread-safe.
 */
final class Tally {
    /** More samples than this no one cell takes; such an observation is refused whole. */
    static final long HIGHEST_CELL_COUNT = (1L << 44) - 1;

    private static final int COUNT_BITS = 44;
    private static final int FIRST_CAPACITY = 8;

    private long[] slots = new long[FIRST_CAPACITY];
    private int used;
    private long count;
    private long sumHigh;
    private long sumLow;
    private long min = Long.MAX_VALUE;
    private long max = Long.MIN_VALUE;
    private long last;
    private long lastEpochMillis = Long.MIN_VALUE;
    private long clamped;
    private @Nullable List<Exemplar> exemplars;
    private @Nullable Brackets brackets;
    private @Nullable WindowData frozen;

    boolean isEmpty() {
        return count == 0 && brackets == null;
    }

    long count() {
        Brackets own = brackets;
        return own == null ? count : own.count();
    }

    /**
     * @param scaled within ±{@link Cells#HIGHEST_SCALED}
     * @return {@code false}, and nothing changed, when its cell would hold more than {@link #HIGHEST_CELL_COUNT}
     */
    boolean record(long scaled, long weight, long epochMillis, @Nullable String requestId) {
        if (brackets != null) {
            return addBrackets(Brackets.exactly(scaled, weight), epochMillis);
        }
        if (!addToCell(Cells.of(scaled), weight)) {
            return false;
        }
        frozen = null;
        count += weight;
        long low = sumLow + scaled * weight;
        sumHigh += Math.multiplyHigh(scaled, weight) + (Long.compareUnsigned(low, sumLow) < 0 ? 1 : 0);
        sumLow = low;
        min = Math.min(min, scaled);
        max = Math.max(max, scaled);
        if (WindowMerge.isLater(epochMillis, scaled, lastEpochMillis, last)) {
            last = scaled;
            lastEpochMillis = epochMillis;
        }
        if (requestId != null) {
            remember(scaled, epochMillis, requestId);
        }
        return true;
    }

    /** @return {@code false}, and nothing changed, when there would be more observations than can be counted */
    boolean record(Buckets added, long epochMillis) {
        return addBrackets(Brackets.of(added), epochMillis);
    }

    private boolean addBrackets(Brackets added, long epochMillis) {
        if (brackets == null && count > 0) {
            brackets = Brackets.ofCells(toWindowData());
        }
        Brackets before = brackets;
        if ((before == null ? 0 : before.count()) + added.count() > HIGHEST_CELL_COUNT) {
            return false;
        }
        frozen = null;
        brackets = before == null ? added : before.plus(added);
        lastEpochMillis = Math.max(lastEpochMillis, epochMillis);
        return true;
    }

    void addClamped(long weight) {
        frozen = null;
        clamped += weight;
    }

    /** @throws ArithmeticException when a cell would hold more than {@link #HIGHEST_CELL_COUNT} */
    void add(WindowData data) {
        if (data.isBucketed() || brackets != null) {
            if (!addBrackets(data.asBrackets(), data.lastEpochMillis())) {
                throw new ArithmeticException("more than " + HIGHEST_CELL_COUNT + " observations in one window");
            }
            return;
        }
        frozen = null;
        PackedCells.Cursor cursor = data.cursor();
        while (cursor.next()) {
            if (!addToCell(cursor.cell(), cursor.count())) {
                throw new ArithmeticException("more than " + HIGHEST_CELL_COUNT + " samples in one histogram cell");
            }
        }
        count += data.count();
        WideSum sum = new WideSum(sumHigh, sumLow).plus(data.sum());
        sumHigh = sum.high();
        sumLow = sum.low();
        min = Math.min(min, data.minScaled());
        max = Math.max(max, data.maxScaled());
        if (WindowMerge.isLater(data.lastEpochMillis(), data.lastScaled(), lastEpochMillis, last)) {
            last = data.lastScaled();
            lastEpochMillis = data.lastEpochMillis();
        }
        clamped += data.clampedCount();
        if (!data.exemplars().isEmpty()) {
            exemplars =
                    new ArrayList<>(WindowMerge.slowest(exemplars == null ? List.of() : exemplars, data.exemplars()));
        }
    }

    private boolean addToCell(int cell, long weight) {
        int mask = slots.length - 1;
        int at = spread(cell) & mask;
        while (true) {
            long slot = slots[at];
            if (slot == 0) {
                return weight <= HIGHEST_CELL_COUNT && occupy(at, cell, weight);
            }
            if (slot >> COUNT_BITS == cell) {
                boolean fits = weight <= HIGHEST_CELL_COUNT - (slot & HIGHEST_CELL_COUNT);
                slots[at] = fits ? slot + weight : slot;
                return fits;
            }
            at = (at + 1) & mask;
        }
    }

    private boolean occupy(int at, int cell, long weight) {
        slots[at] = ((long) cell << COUNT_BITS) | weight;
        if (++used * 4 > slots.length * 3) {
            grow();
        }
        return true;
    }

    private void grow() {
        long[] old = slots;
        slots = new long[old.length * 2];
        int mask = slots.length - 1;
        for (long slot : old) {
            if (slot != 0) {
                int at = spread((int) (slot >> COUNT_BITS)) & mask;
                while (slots[at] != 0) {
                    at = (at + 1) & mask;
                }
                slots[at] = slot;
            }
        }
    }

    /** Neighbouring cells stay near one another: a latency's cells then share cache lines. */
    private static int spread(int cell) {
        return cell + (cell >> 9);
    }

    private void remember(long scaled, long epochMillis, String requestId) {
        List<Exemplar> kept = exemplars;
        if (kept == null) {
            kept = new ArrayList<>(Exemplar.KEPT_PER_WINDOW);
            exemplars = kept;
        }
        boolean full = kept.size() == Exemplar.KEPT_PER_WINDOW;
        if (full && scaled < kept.getLast().scaledValue()) {
            return;
        }
        Exemplar made = new Exemplar(requestId, scaled, epochMillis);
        int at = kept.size();
        while (at > 0 && Exemplar.SLOWEST_FIRST.compare(made, kept.get(at - 1)) < 0) {
            at--;
        }
        if (at == Exemplar.KEPT_PER_WINDOW) {
            return;
        }
        if (full) {
            kept.removeLast();
        }
        kept.add(at, made);
    }

    /** What stands in it now. At least one sample. The same object until something is added. */
    WindowData toWindowData() {
        WindowData ready = frozen;
        if (ready != null) {
            return ready;
        }
        Brackets bucketed = brackets;
        if (bucketed != null) {
            WindowData made = WindowData.ofBrackets(bucketed, lastEpochMillis);
            frozen = made;
            return made;
        }
        if (count == 0) {
            throw new IllegalArgumentException("no samples: an empty window does not exist");
        }
        long[] sorted = new long[used];
        int next = 0;
        for (long slot : slots) {
            if (slot != 0) {
                sorted[next++] = slot;
            }
        }
        Arrays.sort(sorted);
        PackedCells packed = new PackedCells((int) (sorted[0] >> COUNT_BITS), used + (used >> 1));
        for (long slot : sorted) {
            packed.append((int) (slot >> COUNT_BITS), slot & HIGHEST_CELL_COUNT);
        }
        WindowData made = new WindowData(
                count,
                new WideSum(sumHigh, sumLow),
                min,
                max,
                last,
                lastEpochMillis,
                clamped,
                exemplars == null ? List.of() : List.copyOf(exemplars),
                packed.toBytes());
        frozen = made;
        return made;
    }

    /** About what this takes of the heap. */
    int heapBytes() {
        return 160
                + slots.length * Long.BYTES
                + (exemplars == null ? 0 : exemplars.size() * 120)
                + (brackets == null ? 0 : brackets.heapBytes());
    }
}
