package io.inferwatch.histograms;

import io.inferwatch.collector.LabelSet;
import java.util.HashMap;
import java.util.Map;

/**
 * Samples sent in afterwards stand in series of their own, told apart by a label: so that what is read back from rows,
 * too, leaves them out where rules read. Guarded by the store's lock.
 */
final class History {
    static final String LABEL = "backfill";
    private static final LabelSet MARK = LabelSet.of(LABEL, "true");
    private static final int MAX_REMEMBERED = 4_096;

    /** So that labels which come again are the same instance again. */
    private final Map<LabelSet, LabelSet> marked = new HashMap<>();

    /** The labels of the series that takes the history of this one. */
    LabelSet of(LabelSet labels) {
        if (marked.size() >= MAX_REMEMBERED) {
            marked.clear();
        }
        return marked.computeIfAbsent(labels, live -> live.plus(MARK));
    }

    static boolean isHistory(LabelSet labels) {
        return labels.get(LABEL).isPresent();
    }
}
