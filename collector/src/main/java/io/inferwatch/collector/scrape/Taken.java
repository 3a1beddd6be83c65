package io.inferwatch.collector.scrape;

import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.collector.scrape.page.BucketSeries;
import io.inferwatch.collector.scrape.page.Family;
import io.inferwatch.collector.scrape.page.Page;
import io.inferwatch.collector.scrape.page.ScalarSeries;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What of a page is taken for a metric: the series of one family, or, by outcome, of several.
 *
 * @param family its native name
 * @param familyOnPage as the page has it
 */
record Taken(Row row, String family, String familyOnPage, List<ScalarSeries> scalars, List<BucketSeries> histograms) {

    /** Of each metric the first row that the page can fill, in the order of the table. */
    static List<Taken> of(Page page) {
        Map<String, Family> families = new HashMap<>();
        for (Family family : page.families()) {
            families.putIfAbsent(Aliases.nativeName(Family.plainName(family.name(), family.type())), family);
        }
        List<Taken> taken = new ArrayList<>();
        Set<Metric> filled = new LinkedHashSet<>();
        for (Row row : Aliases.TABLE) {
            if (!filled.contains(row.metric()) && taken.addAll(of(row, families))) {
                filled.add(row.metric());
            }
        }
        return taken;
    }

    private static List<Taken> of(Row row, Map<String, Family> families) {
        List<Taken> found = new ArrayList<>();
        for (String name : row.families()) {
            Family family = families.get(name);
            if (family == null || (row.form() != Row.Form.OUTCOMES && !found.isEmpty())) {
                continue;
            }
            List<ScalarSeries> scalars = family.scalars().stream()
                    .filter(series -> isOf(row, series.labels()))
                    .toList();
            List<BucketSeries> histograms = family.histograms().stream()
                    .filter(series -> isOf(row, series.labels()))
                    .toList();
            boolean isHistogram = row.form().isHistogram() || row.form() == Row.Form.SUM_OF_HISTOGRAM;
            boolean isRight = isHistogram ? !histograms.isEmpty() : !scalars.isEmpty();
            if (isRight) {
                found.add(new Taken(row, name, family.name(), scalars, histograms));
            }
        }
        return found;
    }

    private static boolean isOf(Row row, Map<String, String> labels) {
        return row.takes(labels) && ServerLabels.isOwn(labels);
    }
}
