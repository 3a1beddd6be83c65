package io.inferwatch.histograms;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Several windows made one, without loss. */
final class WindowMerge {
    /** Past so many array slots a sample's cell, a hash is the smaller place to merge in. */
    private static final int DENSE_SLOTS_PER_BYTE = 8;

    private WindowMerge() {}

    static WindowData merge(Collection<WindowData> parts) {
        for (WindowData part : parts) {
            if (part.isBucketed()) {
                return bucketed(parts);
            }
        }
        long min = Long.MAX_VALUE;
        long max = Long.MIN_VALUE;
        long packedBytes = 0;
        for (WindowData part : parts) {
            min = Math.min(min, part.minScaled());
            max = Math.max(max, part.maxScaled());
            packedBytes += part.packedCells().length;
        }
        int firstCell = Cells.of(min);
        int span = Cells.of(max) - firstCell + 1;
        if (span > packedBytes * DENSE_SLOTS_PER_BYTE) {
            Tally tally = new Tally();
            parts.forEach(tally::add);
            return tally.toWindowData();
        }
        return withScalars(parts, min, max, dense(parts, firstCell, span));
    }

    /** A part whose samples are exact, which a series of buckets has none of, would be read as narrow brackets. */
    private static WindowData bucketed(Collection<WindowData> parts) {
        Brackets all = new Brackets(List.of());
        long lastEpochMillis = Long.MIN_VALUE;
        for (WindowData part : parts) {
            all = all.plus(part.asBrackets());
            lastEpochMillis = Math.max(lastEpochMillis, part.lastEpochMillis());
        }
        return WindowData.ofBrackets(all, lastEpochMillis);
    }

    private static byte[] dense(Collection<WindowData> parts, int firstCell, int span) {
        long[] counts = new long[span];
        for (WindowData part : parts) {
            PackedCells.Cursor cursor = part.cursor();
            while (cursor.next()) {
                int at = cursor.cell() - firstCell;
                counts[at] = Math.addExact(counts[at], cursor.count());
            }
        }
        PackedCells packed = new PackedCells(firstCell, span);
        for (int i = 0; i < span; i++) {
            if (counts[i] != 0) {
                packed.append(firstCell + i, counts[i]);
            }
        }
        return packed.toBytes();
    }

    private static WindowData withScalars(Collection<WindowData> parts, long min, long max, byte[] cells) {
        long count = 0;
        long clamped = 0;
        WideSum sum = WideSum.ZERO;
        long last = Long.MIN_VALUE;
        long lastEpochMillis = Long.MIN_VALUE;
        List<Exemplar> exemplars = List.of();
        for (WindowData part : parts) {
            count = Math.addExact(count, part.count());
            clamped += part.clampedCount();
            sum = sum.plus(part.sum());
            if (isLater(part.lastEpochMillis(), part.lastScaled(), lastEpochMillis, last)) {
                last = part.lastScaled();
                lastEpochMillis = part.lastEpochMillis();
            }
            exemplars = slowest(exemplars, part.exemplars());
        }
        return new WindowData(count, sum, min, max, last, lastEpochMillis, clamped, exemplars, cells);
    }

    static boolean isLater(long epochMillis, long value, long thanEpochMillis, long thanValue) {
        return epochMillis > thanEpochMillis || (epochMillis == thanEpochMillis && value > thanValue);
    }

    static List<Exemplar> slowest(List<Exemplar> some, List<Exemplar> others) {
        if (others.isEmpty()) {
            return some;
        }
        if (some.isEmpty()) {
            return others;
        }
        List<Exemplar> all = new ArrayList<>(some);
        all.addAll(others);
        all.sort(Exemplar.SLOWEST_FIRST);
        return List.copyOf(all.subList(0, Math.min(all.size(), Exemplar.KEPT_PER_WINDOW)));
    }
}
