package io.inferwatch.histograms.store;

import io.inferwatch.histograms.Resolution;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.Deflater;

/**
 * The data of a {@link BlockRow}: windows by start. Like stands beside like, because that deflates best.
 *
 * <pre>
 * count     varint
 * count times varint: windows since the last one, from the hour's first
 * count times varint: length of the data
 * count times bytes
 * </pre>
 */
final class Block {
    private static final int VERSION = 1;

    private Block() {}

    /** @param windows by start in milliseconds; within the hour */
    static byte[] encode(Resolution resolution, long hourMillis, SortedMap<Long, byte[]> windows) {
        RowWriter row = new RowWriter().number(windows.size());
        long last = hourMillis;
        for (long start : windows.keySet()) {
            row.number((start - last) / resolution.millis());
            last = start;
        }
        for (byte[] data : windows.values()) {
            row.number(data.length);
        }
        for (byte[] data : windows.values()) {
            row.raw(data);
        }
        return row.sealed(VERSION, Deflater.DEFAULT_COMPRESSION);
    }

    /** @throws CorruptRowException when the data is not what was written */
    static SortedMap<Long, byte[]> decode(Resolution resolution, BlockRow row) {
        RowReader reader = RowReader.sealed(row.data(), VERSION);
        int count = reader.count();
        List<Long> starts = new ArrayList<>(count);
        long start = RowIds.blockHourMillis(row.id());
        for (int i = 0; i < count; i++) {
            start += reader.number() * resolution.millis();
            starts.add(start);
        }
        int[] lengths = new int[count];
        for (int i = 0; i < count; i++) {
            lengths[i] = reader.count();
        }
        SortedMap<Long, byte[]> windows = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            windows.put(starts.get(i), reader.raw(lengths[i]));
        }
        return windows;
    }
}
