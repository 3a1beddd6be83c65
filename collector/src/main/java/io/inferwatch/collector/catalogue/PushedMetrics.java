package io.inferwatch.collector.catalogue;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Metrics that senders name. Each is made once and kept, up to a number: names come from outside and must not fill
 * memory. Any thread.
 */
final class PushedMetrics {
    private final int mostKept;
    private final ConcurrentHashMap<String, Metric> byName = new ConcurrentHashMap<>();

    PushedMetrics(int mostKept) {
        this.mostKept = mostKept;
    }

    /** @param name well-formed */
    Metric metric(String name) {
        Metric kept = byName.get(name);
        if (kept != null) {
            return kept;
        }
        Metric made = new Metric(name, MetricKind.EVENT, MetricUnit.PUSHED, true, false, false, "as sent", List.of());
        if (byName.size() >= mostKept) {
            return made;
        }
        Metric first = byName.putIfAbsent(name, made);
        return first == null ? made : first;
    }

    /** One that was made before, and kept. */
    @Nullable Metric known(String name) {
        return byName.get(name);
    }

    int kept() {
        return byName.size();
    }
}
