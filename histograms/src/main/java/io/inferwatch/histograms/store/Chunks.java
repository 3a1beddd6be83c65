package io.inferwatch.histograms.store;

import java.util.ArrayList;
import java.util.List;

/** Cuts a list of ids into lists that fit into one {@code IN (…)}. */
final class Chunks {
    private static final int IDS = 256;

    private Chunks() {}

    static <T> List<List<T>> of(List<T> ids) {
        List<List<T>> chunks = new ArrayList<>();
        for (int from = 0; from < ids.size(); from += IDS) {
            chunks.add(ids.subList(from, Math.min(ids.size(), from + IDS)));
        }
        return chunks;
    }
}
