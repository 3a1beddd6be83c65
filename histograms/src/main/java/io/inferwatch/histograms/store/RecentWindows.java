package io.inferwatch.histograms.store;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import java.util.zip.Deflater;

/**
 * The data of a {@link RecentRow}: by series id within the shard, ascending.
 *
 * <pre>
 * count             varint
 * count times:
 *   slot            varint, series id modulo 32
 *   is whole        varint, 0 or 1
 *   applied through varint
 *   data            varint length, bytes
 * </pre>
 */
final class RecentWindows {
    private static final int VERSION = 1;

    private RecentWindows() {}

    static byte[] encode(SortedMap<Integer, RecentWindow> windows) {
        RowWriter row = new RowWriter().number(windows.size());
        for (Map.Entry<Integer, RecentWindow> entry : windows.entrySet()) {
            RecentWindow window = entry.getValue();
            row.number(entry.getKey() % RowIds.SERIES_PER_SHARD)
                    .number(window.isWhole() ? 1 : 0)
                    .number(window.appliedThrough())
                    .bytes(window.data());
        }
        return row.sealed(VERSION, Deflater.BEST_SPEED);
    }

    /** @throws CorruptRowException when the data is not what was written */
    static SortedMap<Integer, RecentWindow> decode(RecentRow row) {
        return decode(row, seriesId -> true);
    }

    /**
     * Those of some series alone: a read wants few of the many that stand in a row.
     *
     * @throws CorruptRowException when the data is not what was written
     */
    static SortedMap<Integer, RecentWindow> decode(RecentRow row, IntPredicate wanted) {
        int firstSeries = RowIds.recentShard(row.id()) * RowIds.SERIES_PER_SHARD;
        RowReader reader = RowReader.sealed(row.data(), VERSION);
        SortedMap<Integer, RecentWindow> windows = new TreeMap<>();
        int count = reader.count();
        for (int i = 0; i < count; i++) {
            int series = firstSeries + (int) reader.number();
            boolean isWhole = reader.number() == 1;
            long appliedThrough = reader.number();
            if (wanted.test(series)) {
                windows.put(series, new RecentWindow(isWhole, appliedThrough, reader.bytes()));
            } else {
                reader.skipBytes();
            }
        }
        return windows;
    }
}
