package io.inferwatch.histograms.store;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Cuts a list of ids into lists that fit into one {@code IN (…)}. Their lengths are powers of two, the last id standing
 * more than once where need be: so there are few different statements, and the database has them parsed already.
 */
final class Chunks {
    static final int IDS = 256;

    private Chunks() {}

    static <T> List<List<T>> of(List<T> ids) {
        List<List<T>> chunks = new ArrayList<>();
        for (int from = 0; from < ids.size(); from += IDS) {
            List<T> chunk = new ArrayList<>(ids.subList(from, Math.min(ids.size(), from + IDS)));
            int length = Integer.highestOneBit(Math.max(1, chunk.size() * 2 - 1));
            chunk.addAll(Collections.nCopies(length - chunk.size(), chunk.getLast()));
            chunks.add(chunk);
        }
        return chunks;
    }
}
