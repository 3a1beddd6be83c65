package io.inferwatch.histograms;

import io.inferwatch.collector.catalogue.MetricUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Value buckets that are runs of 2ⁿ histogram cells, so that counts in them are exact; as few as asked for. */
final class HeatmapRows {
    private final int atMost;
    private int lowestCell = Integer.MAX_VALUE;
    private int highestCell = Integer.MIN_VALUE;

    HeatmapRows(int atMost) {
        this.atMost = atMost;
    }

    void include(List<WindowData> parts) {
        for (WindowData part : parts) {
            lowestCell = Math.min(lowestCell, Cells.of(part.minScaled()));
            highestCell = Math.max(highestCell, Cells.of(part.maxScaled()));
        }
    }

    private int shift() {
        int shift = 0;
        while ((highestCell >> shift) - (lowestCell >> shift) + 1 > atMost) {
            shift++;
        }
        return shift;
    }

    /** In the unit; one more than there are buckets, none when nothing was included. */
    List<Double> bounds(MetricUnit unit) {
        List<Double> bounds = new ArrayList<>();
        if (lowestCell > highestCell) {
            return bounds;
        }
        int shift = shift();
        for (int row = lowestCell >> shift; row <= (highestCell >> shift) + 1; row++) {
            bounds.add(unit.fromScaled((double) Cells.lowest(row << shift)));
        }
        return bounds;
    }

    List<Long> counts(Collection<List<WindowData>> seriesParts) {
        int shift = shift();
        int first = lowestCell >> shift;
        long[] counts = new long[(highestCell >> shift) - first + 1];
        for (List<WindowData> parts : seriesParts) {
            for (WindowData part : parts) {
                PackedCells.Cursor cursor = part.cursor();
                while (cursor.next()) {
                    counts[(cursor.cell() >> shift) - first] += cursor.count();
                }
            }
        }
        List<Long> boxed = new ArrayList<>(counts.length);
        for (long count : counts) {
            boxed.add(count);
        }
        return boxed;
    }
}
