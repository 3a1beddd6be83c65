package io.inferwatch.histograms;

import io.inferwatch.collector.Buckets;
import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.SourceGap;
import io.inferwatch.collector.catalogue.Metric;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The windows that are not rows yet: a pure function of the records so far, whenever they were closed and written. Only
 * the {@code apply} thread changes it by records; guarded by the store's lock.
 */
final class LiveWindows {
    private static final long HIGHEST_WEIGHT = 1L << 40;
    private static final long AHEAD_MILLIS = 70_000;
    private static final long CLOSE_EVERY_MILLIS = 1_000;
    private static final int OBSERVATIONS_PER_CHECK = 65_536;
    private static final int KEPT_GAPS = 200;

    final SeriesTable table;
    final HandOver handOver;
    final RuleFeed feed;

    private final HistogramsConfig config;
    private final History history = new History();
    private final WindowStore.Recovery recovery;
    private final ArrayDeque<SourceGap> gaps = new ArrayDeque<>();
    private long sequence;
    private long receivedMillis;
    private boolean isBelowCheckpoint;
    private boolean isReplayed;
    private boolean isBackfill;
    private long closedMillis = Long.MIN_VALUE;
    private long observations;
    private long observationsAtCheck;
    private long refused;
    private long clamped;
    private long overflowed;
    private long earlyCloses;
    private long lostRecords;

    LiveWindows(HistogramsConfig config, WindowStore store) {
        this.config = config;
        this.recovery = store.recover();
        this.table = new SeriesTable(config, store);
        this.handOver = new HandOver(recovery.checkpoint());
        this.feed = new RuleFeed(config.maxBytes() / 8);
    }

    WindowStore.Recovery recovery() {
        return recovery;
    }

    void begin(long sequence, long receivedEpochMillis, boolean backfill) {
        this.sequence = sequence;
        isBackfill = backfill;
        receivedMillis = Math.max(receivedMillis, receivedEpochMillis);
        isBelowCheckpoint = sequence < recovery.checkpoint();
        isReplayed = sequence <= recovery.highestAppliedThrough();
        if (isReplayed) {
            handOver.rowsPossibleBefore(receivedMillis + AHEAD_MILLIS);
        }
        table.sweepIfDue(receivedMillis);
    }

    /** What the rows hold already is read again for its panes alone. */
    boolean needs(Metric metric) {
        return !isBelowCheckpoint || (!isBackfill && table.keepsPanes(metric));
    }

    void observe(
            Metric metric,
            LabelSet labels,
            long epochMillis,
            long scaledValue,
            long weight,
            @Nullable String requestId) {
        if (weight < 1 || weight > HIGHEST_WEIGHT || (scaledValue < 0 && !metric.signed())) {
            refused++;
            return;
        }
        long highest = metric.unit().highestScaled();
        long scaled = Math.clamp(scaledValue, -highest, highest);
        boolean isClamped = scaled != scaledValue;
        Series series = table.find(
                metric, isBackfill ? history.of(labels) : labels, receivedMillis, recovery.highestAppliedThrough() > 0);
        long start = Resolution.TEN_SECONDS.startOf(epochMillis);
        boolean isStored = isReplayed && isStored(series, start);
        if (!isBackfill) {
            tellRules(series, epochMillis, scaled, weight, isClamped, isStored);
        }
        if (!isStored) {
            add(series, start, epochMillis, scaled, weight, isClamped, metric.latency() ? requestId : null);
        }
    }

    void observe(Metric metric, LabelSet labels, long epochMillis, Buckets added) {
        Series series = table.find(
                metric, isBackfill ? history.of(labels) : labels, receivedMillis, recovery.highestAppliedThrough() > 0);
        long start = Resolution.TEN_SECONDS.startOf(epochMillis);
        boolean isStored = isReplayed && isStored(series, start);
        if (!isBackfill) {
            series.source.lastReceivedMillis = receivedMillis;
            RulePanes panes = series.panes;
            if (panes != null && (!isStored || table.keepsPanes(metric))) {
                feed.record(series, panes, epochMillis, added, isStored);
            }
        }
        if (isStored) {
            return;
        }
        OpenWindow window = window(series, start);
        if (!window.tally.record(added, epochMillis)) {
            refused++;
            return;
        }
        window.lastSequence = sequence;
        observations++;
        if (!isBackfill) {
            series.total.record(added, epochMillis);
        }
        if (series.isOverflow) {
            overflowed++;
        }
    }

    private OpenWindow window(Series series, long start) {
        OpenWindow window = series.window(start, sequence, receivedMillis);
        if (!series.isListedOpen) {
            handOver.opened(series);
        }
        return window;
    }

    private void tellRules(
            Series series, long epochMillis, long scaled, long weight, boolean isClamped, boolean isStored) {
        if (scaled != 0 || !series.tellsOfServer) {
            series.source.lastReceivedMillis = receivedMillis;
        }
        RulePanes panes = series.panes;
        if (panes != null && (!isStored || table.keepsPanes(series.metric))) {
            feed.record(series, panes, epochMillis, scaled, weight, isClamped, isStored);
        }
    }

    private boolean isStored(Series series, long start) {
        if (isBelowCheckpoint) {
            return true;
        }
        Long through = recovery.ahead().get(new WindowStore.SeriesWindow(series.key, start));
        return through != null && sequence <= through;
    }

    private void add(
            Series series,
            long start,
            long epochMillis,
            long scaled,
            long weight,
            boolean isClamped,
            @Nullable String requestId) {
        OpenWindow window = window(series, start);
        if (!window.tally.record(scaled, weight, epochMillis, requestId)) {
            refused++;
            return;
        }
        window.lastSequence = sequence;
        observations++;
        if (!isBackfill) {
            series.total.record(series.metric, scaled, weight, epochMillis);
        }
        if (isClamped) {
            window.tally.addClamped(weight);
            clamped++;
        }
        if (series.isOverflow) {
            overflowed++;
        }
    }

    void gap(SourceGap gap) {
        if (gaps.size() == KEPT_GAPS) {
            gaps.removeFirst();
        }
        gaps.addLast(gap);
    }

    void end() {
        if (observations - observationsAtCheck >= OBSERVATIONS_PER_CHECK) {
            observationsAtCheck = observations;
            makeRoom(receivedMillis);
        }
        closeDue(receivedMillis);
    }

    void lost(long records) {
        lostRecords += records;
    }

    void closeDue(long nowMillis) {
        if (closedMillis == Long.MIN_VALUE || nowMillis - closedMillis >= CLOSE_EVERY_MILLIS) {
            closedMillis = nowMillis;
            handOver.close(nowMillis, false);
            makeRoom(nowMillis);
        }
    }

    /** Past their share of the budget open windows are handed over early. */
    private void makeRoom(long nowMillis) {
        if (handOver.openBytes() > config.maxBytes() / 8 * 3) {
            handOver.close(nowMillis, true);
            earlyCloses++;
        }
    }

    /** Whether so much waits for the database that no more should be applied: the journal keeps it. */
    boolean isFull() {
        return handOver.waitingBytes() > config.maxBytes() / 4;
    }

    /** Open windows and those the database does not have yet. */
    List<Unwritten> unwritten(String metric, Predicate<LabelSet> which, long fromMillis, long toMillis) {
        List<Unwritten> found = new ArrayList<>();
        for (Series series : table.of(metric)) {
            if (!which.test(series.key.labels())) {
                continue;
            }
            String source = series.source.name;
            for (Unsaved window : series.unsaved) {
                if (window.startMillis >= fromMillis && window.startMillis < toMillis) {
                    found.add(new Unwritten(series.key, source, window.startMillis, window.data));
                }
            }
            for (OpenWindow window : series.open) {
                if (window.startMillis >= fromMillis && window.startMillis < toMillis && !window.tally.isEmpty()) {
                    found.add(new Unwritten(series.key, source, window.startMillis, window.tally.toWindowData()));
                }
            }
        }
        return found;
    }

    List<SeriesTotals> totals(boolean withBuckets) {
        List<SeriesTotals> totals = new ArrayList<>();
        table.forEach(series -> series.total.of(series, withBuckets).ifPresent(totals::add));
        return totals;
    }

    List<SourceGap> gaps() {
        return List.copyOf(gaps);
    }

    long sequence() {
        return sequence;
    }

    /** When the last record was received; 0 before the first. */
    long receivedMillis() {
        return receivedMillis;
    }

    TelemetryStoreStats stats(long ruleBytes, long droppedPanes, long failedWrites) {
        return new TelemetryStoreStats(
                observations,
                refused,
                clamped,
                overflowed,
                lostRecords,
                table.live(),
                handOver.openWindows(),
                handOver.waitingWindows(),
                earlyCloses,
                droppedPanes,
                feed.dropped(),
                handOver.openBytes() + handOver.waitingBytes() + feed.bytes() + ruleBytes,
                handOver.writtenRows(),
                failedWrites,
                sequence,
                receivedMillis);
    }
}
