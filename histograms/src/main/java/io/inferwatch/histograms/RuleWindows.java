package io.inferwatch.histograms;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that is kept for rules, by metric. It is fed at each cut and by nothing else, so between two cuts it stands still.
 * Used by one thread at a time.
 */
final class RuleWindows {
    private static final long FORGET_EVERY_MILLIS = 60_000;

    private final Map<String, MetricWindows> byMetric = new HashMap<>();
    private long forgotMillis = Long.MIN_VALUE;
    private long droppedPanes;

    /** Replaces what is kept: what is not in {@code fresh} and not in the retention goes. */
    void install(Retention retention, Map<String, MetricWindows> fresh) {
        byMetric.keySet().retainAll(retention.byMetric().keySet());
        fresh.forEach((metric, windows) -> {
            MetricWindows before = byMetric.put(metric, windows);
            if (before != null) {
                windows.takePanesOf(before);
            }
        });
    }

    void absorb(List<RuleFeed.Piece> pieces) {
        for (RuleFeed.Piece piece : pieces) {
            MetricWindows windows = byMetric.get(piece.key().metric());
            if (windows != null) {
                windows.keep(piece.key().labels(), piece.source())
                        .addPane(piece.startMillis(), piece.data(), piece.panesOnly());
            }
        }
    }

    void forgetIdle(long nowMillis) {
        if (forgotMillis == Long.MIN_VALUE || nowMillis - forgotMillis >= FORGET_EVERY_MILLIS) {
            forgotMillis = nowMillis;
            byMetric.values().forEach(windows -> windows.forgetIdle(nowMillis));
        }
    }

    /** Gives up panes, metric by metric, the largest first, until what is kept takes no more than this. */
    void shrinkTo(long maxBytes) {
        while (heapBytes() > maxBytes) {
            Optional<MetricWindows> largest = byMetric.values().stream()
                    .filter(MetricWindows::hasPanes)
                    .max(Comparator.comparingLong(MetricWindows::heapBytes));
            if (largest.isEmpty()) {
                return;
            }
            droppedPanes += largest.get().dropPanes();
        }
    }

    Optional<MetricWindows> of(String metric) {
        return Optional.ofNullable(byMetric.get(metric));
    }

    Collection<MetricWindows> all() {
        return byMetric.values();
    }

    long heapBytes() {
        long bytes = 0;
        for (MetricWindows windows : byMetric.values()) {
            bytes += windows.heapBytes();
        }
        return bytes;
    }

    long droppedPanes() {
        return droppedPanes;
    }
}
