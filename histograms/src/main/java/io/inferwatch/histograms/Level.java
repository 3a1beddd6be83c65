package io.inferwatch.histograms;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The windows of one series at one width, by start. The newest is still written. Used by one thread at a time. */
final class Level {
    /** From the 1 s pane up; each divides the next. */
    static final List<Long> WIDTHS_MILLIS = List.of(1_000L, 10_000L, 60_000L, 600_000L, 3_600_000L);

    private record Block(long startMillis, WindowData data) implements Comparable<Block> {
        @Override
        public int compareTo(Block other) {
            return Long.compare(startMillis, other.startMillis);
        }
    }

    private final long widthMillis;
    private final long keptMillis;
    private final List<Block> older = new ArrayList<>();
    private long newestMillis = Long.MIN_VALUE;
    private Tally newest = new Tally();
    private long olderBytes;

    Level(long widthMillis, long keptMillis) {
        this.widthMillis = widthMillis;
        this.keptMillis = keptMillis;
    }

    /** @param epochMillis any moment of the block it belongs to */
    void add(long epochMillis, WindowData data) {
        long startMillis = Math.floorDiv(epochMillis, widthMillis) * widthMillis;
        if (startMillis > newestMillis) {
            begin(startMillis);
        }
        if (startMillis == newestMillis) {
            newest.add(data);
        } else if (startMillis >= newestMillis - keptMillis) {
            addOlder(startMillis, data);
        }
    }

    private void begin(long startMillis) {
        if (!newest.isEmpty()) {
            insert(older.size(), new Block(newestMillis, newest.toWindowData()));
            newest = new Tally();
        }
        newestMillis = startMillis;
        int gone = 0;
        while (gone < older.size() && older.get(gone).startMillis < startMillis - keptMillis) {
            olderBytes -= bytesOf(older.get(gone++));
        }
        older.subList(0, gone).clear();
    }

    private void addOlder(long startMillis, WindowData data) {
        int at = Collections.binarySearch(older, new Block(startMillis, data));
        if (at < 0) {
            insert(-at - 1, new Block(startMillis, data));
        } else {
            Block before = older.get(at);
            Block after = new Block(startMillis, WindowData.merge(List.of(before.data, data)));
            olderBytes += bytesOf(after) - bytesOf(before);
            older.set(at, after);
        }
    }

    private void insert(int at, Block block) {
        older.add(at, block);
        olderBytes += bytesOf(block);
    }

    private static long bytesOf(Block block) {
        return 32L + block.data.heapBytes();
    }

    /** @return absent when no sample fell into it */
    @Nullable WindowData at(long startMillis) {
        if (startMillis == newestMillis) {
            return newest.isEmpty() ? null : newest.toWindowData();
        }
        int low = 0;
        int high = older.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            Block block = older.get(middle);
            if (block.startMillis == startMillis) {
                return block.data;
            }
            if (block.startMillis < startMillis) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return null;
    }

    int blocks() {
        return older.size() + (newest.isEmpty() ? 0 : 1);
    }

    long heapBytes() {
        return 128 + olderBytes + newest.heapBytes();
    }
}
