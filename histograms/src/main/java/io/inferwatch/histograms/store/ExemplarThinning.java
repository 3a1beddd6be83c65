package io.inferwatch.histograms.store;

import io.inferwatch.histograms.Exemplar;
import io.inferwatch.histograms.Resolution;
import io.inferwatch.histograms.WindowData;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Request ids do not compress, and four of each 10 s window would take as much disk as all else. So each ten minutes
 * keep their slowest few, in the window each belongs to; the slowest of any stretch of whole ten minutes are still exact.
 */
final class ExemplarThinning {
    private ExemplarThinning() {}

    /**
     * @param touched moments whose ten minutes are to be thinned out
     * @param fine 10 s windows by start; replaced where they lose an exemplar
     */
    static void thinOut(Collection<Long> touched, SortedMap<Long, byte[]> fine) {
        SortedSet<Long> starts = new TreeSet<>();
        touched.forEach(moment -> starts.add(Resolution.TEN_MINUTES.startOf(moment)));
        starts.forEach(start -> thinOut(fine.subMap(start, start + Resolution.TEN_MINUTES.millis())));
    }

    private static void thinOut(SortedMap<Long, byte[]> tenMinutes) {
        Map<Long, WindowData> named = new HashMap<>();
        List<Exemplar> all = new ArrayList<>();
        tenMinutes.forEach((start, row) -> {
            if (WindowData.hasExemplars(row)) {
                WindowData data = WindowData.decode(row);
                named.put(start, data);
                all.addAll(data.exemplars());
            }
        });
        if (all.size() <= Exemplar.KEPT_PER_WINDOW) {
            return;
        }
        all.sort(Exemplar.SLOWEST_FIRST);
        Exemplar last = all.get(Exemplar.KEPT_PER_WINDOW - 1);
        named.forEach((start, data) -> {
            List<Exemplar> kept = data.exemplars().stream()
                    .filter(each -> Exemplar.SLOWEST_FIRST.compare(each, last) <= 0)
                    .toList();
            if (kept.size() < data.exemplars().size()) {
                tenMinutes.put(start, data.withExemplars(kept).encoded());
            }
        });
    }
}
