package io.inferwatch.histograms.store;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/** Reads rows by their ids. Those on a page that is damaged are left out and counted, and the rest is read all the same. */
record RowsById(String table, Corruption corruption) {

    <R> void read(List<Long> ids, Function<Collection<Long>, List<R>> find, Consumer<R> take) {
        Chunks.of(ids).forEach(chunk -> readChunk(chunk, find, take));
    }

    private <R> void readChunk(List<Long> chunk, Function<Collection<Long>, List<R>> find, Consumer<R> take) {
        List<R> found;
        try {
            found = find.apply(chunk);
        } catch (RuntimeException refused) {
            if (!H2File.isDamage(refused)) {
                throw refused;
            }
            List<Long> distinct = new ArrayList<>(new LinkedHashSet<>(chunk));
            if (distinct.size() == 1) {
                corruption.found(table, distinct.getFirst(), refused);
                return;
            }
            int half = distinct.size() / 2;
            read(distinct.subList(0, half), find, take);
            read(distinct.subList(half, distinct.size()), find, take);
            return;
        }
        found.forEach(take);
    }
}
