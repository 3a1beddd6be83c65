package io.inferwatch.histograms;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.catalogue.Metric;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One live series: its open windows and those the database does not have yet. Guarded by the store's lock. */
final class Series {
    final Metric metric;
    final SeriesKey key;
    final Source source;
    final boolean isOverflow;
    /** Whether a sample of 0 says that the source does not answer, rather than that it was heard of. */
    final boolean tellsOfServer;
    /** Windows that start before this may have rows from before this series was made: only ever add to them. */
    final long rowsPossibleBeforeMillis;

    /** By start, ascending. */
    final List<OpenWindow> open = new ArrayList<>(2);
    /** In the order they closed. */
    final List<Unsaved> unsaved = new ArrayList<>(2);

    final RunningTotal total = new RunningTotal();

    long lastReceivedMillis;
    long closedThroughMillis = Long.MIN_VALUE;
    boolean isListedOpen;
    /** What rules are still to be told; absent while none reads this series. */
    @Nullable RulePanes panes;

    private @Nullable OpenWindow newest;

    Series(Metric metric, LabelSet labels, Source source, boolean isOverflow, long rowsPossibleBeforeMillis) {
        this.metric = metric;
        this.key = new SeriesKey(metric.name(), labels);
        this.source = source;
        this.isOverflow = isOverflow;
        this.tellsOfServer = metric.name().equals("server.up");
        this.rowsPossibleBeforeMillis = rowsPossibleBeforeMillis;
    }

    boolean isIdle(long nowMillis) {
        return nowMillis - lastReceivedMillis >= SeriesTable.IDLE_MILLIS;
    }

    /** The open window of this start; a new one when there is none. */
    OpenWindow window(long startMillis, long sequence, long receivedMillis) {
        OpenWindow last = newest;
        if (last != null && last.startMillis == startMillis) {
            return last;
        }
        int at = positionOf(startMillis);
        if (at >= 0) {
            return open.get(at);
        }
        OpenWindow made = new OpenWindow(startMillis, sequence, receivedMillis);
        open.add(-at - 1, made);
        newest = open.getLast();
        return made;
    }

    private int positionOf(long startMillis) {
        int low = 0;
        int high = open.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            long start = open.get(middle).startMillis;
            if (start == startMillis) {
                return middle;
            }
            if (start < startMillis) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -low - 1;
    }

    /** Takes the windows that are due, or all, out of {@link #open}. */
    List<OpenWindow> takeDue(long nowMillis, long graceMillis, boolean all) {
        List<OpenWindow> due = new ArrayList<>();
        open.removeIf(window -> (all || window.isDue(nowMillis, graceMillis)) && due.add(window));
        newest = open.isEmpty() ? null : open.getLast();
        return due;
    }
}
