package io.inferwatch.histograms;

import io.inferwatch.collector.Buckets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What rules have not been told yet: one-second pieces of the series they read. The {@code apply} thread adds, a tick
 * takes all at once, which makes its cut; pieces only ever add up, so nothing else is shared. Guarded by the store's
 * lock.
 */
final class RuleFeed {
    /** @param panesOnly whether the database has these samples already, so that only the panes lack them */
    record Piece(SeriesKey key, String source, long startMillis, boolean panesOnly, WindowData data) {
        Piece forPanesOnly() {
            return new Piece(key, source, startMillis, true, data);
        }
    }

    /** @param sourcesHeard when each source was last heard of */
    record Taken(List<Piece> pieces, Map<String, Long> sourcesHeard) {}

    private final long maxBytes;
    private final List<Series> listed = new ArrayList<>();
    private List<Piece> pieces = new ArrayList<>();
    private long bytes;
    private long dropped;
    private boolean broken;

    RuleFeed(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    void record(
            Series series,
            RulePanes panes,
            long epochMillis,
            long scaled,
            long weight,
            boolean clamped,
            boolean known) {
        list(series, panes);
        panes.record(this, series, epochMillis, scaled, weight, clamped, known);
    }

    void record(Series series, RulePanes panes, long epochMillis, Buckets added, boolean known) {
        list(series, panes);
        panes.record(this, series, epochMillis, added, known);
    }

    private void list(Series series, RulePanes panes) {
        if (!panes.isListed) {
            panes.isListed = true;
            listed.add(series);
        }
    }

    void add(Piece piece) {
        bytes += 48 + piece.data().heapBytes();
        if (bytes > maxBytes) {
            dropped += pieces.size() + 1L;
            pieces = new ArrayList<>();
            bytes = 0;
            broken = true;
        } else {
            pieces.add(piece);
        }
    }

    /** All there is, the running second too. */
    List<Piece> take() {
        for (Series series : listed) {
            RulePanes panes = series.panes;
            if (panes != null) {
                panes.flush(this, series);
                panes.isListed = false;
            }
        }
        listed.clear();
        List<Piece> taken = pieces;
        pieces = new ArrayList<>();
        bytes = 0;
        return taken;
    }

    /** Puts back what was taken, changed. */
    void putBack(List<Piece> taken) {
        taken.forEach(this::add);
    }

    /** Whether pieces were dropped since this was last asked: what rules hold is then incomplete. */
    boolean wasBroken() {
        boolean was = broken;
        broken = false;
        return was;
    }

    long dropped() {
        return dropped;
    }

    long bytes() {
        return bytes;
    }
}
