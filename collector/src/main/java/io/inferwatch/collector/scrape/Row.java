package io.inferwatch.collector.scrape;

import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.collector.catalogue.MetricCatalogue;
import java.util.List;
import java.util.Map;

/**
 * One row of the alias table: where an engine keeps what a metric of ours means.
 *
 * @param families plain names, the newest first: of several on a page the first is taken, for they tell the same twice
 * @param where what labels of a series must say
 */
record Row(Engine engine, Metric metric, Form form, List<String> families, Map<String, String> where) {

    /** What stands on the page, and how it becomes steps of the metric's unit. */
    enum Form {
        /** A histogram in seconds, of a metric in ms. */
        HISTOGRAM_SECONDS(1e3),
        /** A histogram in ms. */
        HISTOGRAM_MILLIS(1),
        /** A histogram of whole things. */
        HISTOGRAM_COUNT(1),
        /** The sum of a histogram, read as a counter. */
        SUM_OF_HISTOGRAM(1),
        COUNTER(1),
        /** A counter by outcome; {@link Outcomes} says which. All families of the row count, for they tell different things. */
        OUTCOMES(1),
        /** A level; below 0 means that there is none. */
        GAUGE(1);

        private final double unitsPerPageUnit;

        Form(double unitsPerPageUnit) {
            this.unitsPerPageUnit = unitsPerPageUnit;
        }

        boolean isHistogram() {
            return this == HISTOGRAM_SECONDS || this == HISTOGRAM_MILLIS || this == HISTOGRAM_COUNT;
        }

        double unitsPerPageUnit() {
            return unitsPerPageUnit;
        }
    }

    Row {
        families = List.copyOf(families);
        where = Map.copyOf(where);
    }

    static Row row(Engine engine, String metric, Form form, String... families) {
        return new Row(engine, MetricCatalogue.require(metric), form, List.of(families), Map.of());
    }

    Row where(String label, String value) {
        return new Row(engine, metric, form, families, Map.of(label, value));
    }

    boolean takes(Map<String, String> labels) {
        return labels.entrySet().containsAll(where.entrySet());
    }
}
