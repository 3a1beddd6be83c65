package io.inferwatch.histograms.store;

import io.inferwatch.histograms.Resolution;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.Deflater;

/**
 * The data of a {@link BlockRow}: windows by start. Like stands beside like, because that deflates best: the head of a
 * window much resembles the one before, so heads stand byte by byte, which takes a tenth less.
 *
 * <pre>
 * count     varint
 * count times varint: windows since the last one, from the hour's first
 * count times varint: length of the data
 * for each of the first 20 bytes: that byte of each window that is so long
 * count times bytes: the rest of each window
 * </pre>
 */
final class Block {
    private static final int VERSION = 1;
    private static final int HEAD_BYTES = 20;

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
        for (int i = 0; i < HEAD_BYTES; i++) {
            for (byte[] data : windows.values()) {
                row.raw(data, Math.min(i, data.length), Math.min(i + 1, data.length));
            }
        }
        for (byte[] data : windows.values()) {
            row.raw(data, Math.min(HEAD_BYTES, data.length), data.length);
        }
        return row.sealed(VERSION, Deflater.DEFAULT_COMPRESSION);
    }

    /** @throws CorruptRowException when the data is not what was written */
    static SortedMap<Long, byte[]> decode(Resolution resolution, BlockRow row) {
        RowReader reader = RowReader.sealed(row.data(), VERSION);
        int count = reader.count();
        long[] starts = new long[count];
        long start = RowIds.blockHourMillis(row.id());
        for (int i = 0; i < count; i++) {
            start += reader.number() * resolution.millis();
            starts[i] = start;
        }
        byte[][] all = new byte[count][];
        for (int i = 0; i < count; i++) {
            all[i] = new byte[reader.count()];
        }
        for (int i = 0; i < HEAD_BYTES; i++) {
            reader.fillColumn(all, i);
        }
        SortedMap<Long, byte[]> windows = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            reader.fill(all[i], Math.min(HEAD_BYTES, all[i].length), all[i].length);
            windows.put(starts[i], all[i]);
        }
        return windows;
    }
}
