package io.inferwatch.histograms;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The way of windows from open to written. A window leaves memory only once the database has it; one batch is on its
 * way at a time and is offered again, unchanged, until it is written. Guarded by the store's lock.
 */
final class HandOver {
    /** How long after its end a window waits for records that are on their way. */
    static final long GRACE_MILLIS = 2_000;

    private static final int MIN_ROWS = 200;
    private static final int MAX_ROWS = 20_000;
    private static final long MAX_WAIT_MILLIS = 5_000;
    private static final long CHECKPOINT_EVERY_MILLIS = 10_000;

    private final List<Series> withOpen = new ArrayList<>();
    private final ArrayDeque<Unsaved> waiting = new ArrayDeque<>();
    private List<Unsaved> inFlight = List.of();
    private @Nullable WindowBatch batch;
    private long checkpoint;
    private long checkpointMillis;
    private long rowsPossibleBeforeMillis = Long.MIN_VALUE;
    private long writtenRows;
    private long waitingBytes;

    HandOver(long checkpoint) {
        this.checkpoint = checkpoint;
    }

    /** Rows of windows that start before this may exist already, whatever this process has seen of them. */
    void rowsPossibleBefore(long epochMillis) {
        rowsPossibleBeforeMillis = Math.max(rowsPossibleBeforeMillis, epochMillis);
    }

    void opened(Series series) {
        if (!series.isListedOpen) {
            series.isListedOpen = true;
            withOpen.add(series);
        }
    }

    /** @param all also those that are not due: the next records for them will be amendments */
    void close(long nowMillis, boolean all) {
        withOpen.removeIf(series -> {
            for (OpenWindow window : series.takeDue(nowMillis, GRACE_MILLIS, all)) {
                close(series, window, nowMillis);
            }
            series.isListedOpen = !series.open.isEmpty();
            return !series.isListedOpen;
        });
    }

    private void close(Series series, OpenWindow window, long nowMillis) {
        if (window.tally.isEmpty()) {
            return;
        }
        boolean amendment = window.startMillis <= series.closedThroughMillis
                || window.startMillis < Math.max(series.rowsPossibleBeforeMillis, rowsPossibleBeforeMillis);
        series.closedThroughMillis = Math.max(series.closedThroughMillis, window.startMillis);
        for (Unsaved earlier : series.unsaved) {
            if (earlier.startMillis == window.startMillis && !earlier.inFlight) {
                waitingBytes -= earlier.heapBytes();
                earlier.data = WindowData.merge(List.of(earlier.data, window.tally.toWindowData()));
                waitingBytes += earlier.heapBytes();
                earlier.lastSequence = window.lastSequence;
                return;
            }
        }
        Unsaved made = new Unsaved(series, window, amendment, nowMillis);
        series.unsaved.add(made);
        waiting.add(made);
        waitingBytes += made.heapBytes();
    }

    /**
     * The batch to write now: the one under way, else a new one when enough rows wait or one has waited long enough, or
     * when only the checkpoint moved.
     *
     * @param lastSequence the last record applied
     * @param flush whether to wait for nothing
     */
    Optional<WindowBatch> next(long nowMillis, long lastSequence, boolean flush) {
        if (batch == null && isTime(nowMillis, lastSequence, flush)) {
            batch = make(lastSequence);
            checkpointMillis = nowMillis;
        }
        return Optional.ofNullable(batch);
    }

    private boolean isTime(long nowMillis, long lastSequence, boolean flush) {
        if (!waiting.isEmpty()) {
            return flush
                    || waiting.size() >= MIN_ROWS
                    || nowMillis - waiting.getFirst().closedMillis >= MAX_WAIT_MILLIS;
        }
        boolean moved = checkpointWithout(0, lastSequence) > checkpoint;
        return moved && (flush || nowMillis - checkpointMillis >= CHECKPOINT_EVERY_MILLIS);
    }

    private WindowBatch make(long lastSequence) {
        List<ClosedWindow> rows = new ArrayList<>();
        List<Unsaved> taken = new ArrayList<>();
        Iterator<Unsaved> each = waiting.iterator();
        while (each.hasNext() && taken.size() < MAX_ROWS) {
            Unsaved unsaved = each.next();
            unsaved.inFlight = true;
            taken.add(unsaved);
            rows.add(unsaved.row());
        }
        inFlight = taken;
        return new WindowBatch(rows, checkpointWithout(taken.size(), lastSequence));
    }

    /** The lowest sequence number that is not covered once the first so many of the waiting are written. */
    private long checkpointWithout(int first, long lastSequence) {
        long lowest = lastSequence + 1;
        for (Series series : withOpen) {
            for (OpenWindow window : series.open) {
                lowest = Math.min(lowest, window.firstSequence);
            }
        }
        int index = 0;
        for (Unsaved unsaved : waiting) {
            if (index++ >= first) {
                lowest = Math.min(lowest, unsaved.firstSequence);
            }
        }
        return Math.max(checkpoint, lowest);
    }

    /** The batch is in the database. */
    void written() {
        WindowBatch done = batch;
        if (done == null) {
            throw new IllegalStateException("no batch is under way");
        }
        for (Unsaved unsaved : inFlight) {
            waiting.removeFirst();
            waitingBytes -= unsaved.heapBytes();
            unsaved.series.unsaved.remove(unsaved);
        }
        writtenRows += inFlight.size();
        checkpoint = done.checkpoint();
        batch = null;
        inFlight = List.of();
    }

    int waitingWindows() {
        return waiting.size();
    }

    int openWindows() {
        return withOpen.stream().mapToInt(series -> series.open.size()).sum();
    }

    long writtenRows() {
        return writtenRows;
    }

    long openBytes() {
        long bytes = 0;
        for (Series series : withOpen) {
            for (OpenWindow window : series.open) {
                bytes += 64 + window.tally.heapBytes();
            }
        }
        return bytes;
    }

    long waitingBytes() {
        return waitingBytes;
    }
}
