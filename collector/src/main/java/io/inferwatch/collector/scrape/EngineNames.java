package io.inferwatch.collector.scrape;

import io.inferwatch.collector.catalogue.Metric;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a name on an engine's own metrics page means here, for those who bring rules written against that page. */
public final class EngineNames {
    private EngineNames() {}

    /**
     * @param unitsPerPageUnit how many of the metric's unit one of the page is: 1,000 where a page tells seconds
     * @param isHistogram whether the page has buckets, a sum and a count of it
     * @param where which of the metric's series it is, by label
     */
    public record Meaning(Metric metric, double unitsPerPageUnit, boolean isHistogram, Map<String, String> where) {
        public Meaning {
            where = Map.copyOf(where);
        }
    }

    /**
     * @param family without {@code _bucket}, {@code _sum}, {@code _count} and {@code _total}
     * @return empty for a name that means nothing here, and for one that means several things by its labels
     */
    public static Optional<Meaning> find(String family) {
        String name = Aliases.nativeName(family);
        List<Row> rows = Aliases.TABLE.stream()
                .filter(row -> row.families().contains(name))
                .filter(row -> row.form() != Row.Form.SUM_OF_HISTOGRAM)
                .toList();
        if (rows.size() != 1 || !rows.getFirst().where().isEmpty()) {
            return Optional.empty();
        }
        Row row = rows.getFirst();
        boolean isOneOutcome = row.form() == Row.Form.OUTCOMES && row.families().size() > 1;
        Map<String, String> where =
                isOneOutcome ? Map.of("outcome", Outcomes.of(name, Map.of()).outcome()) : Map.of();
        return Optional.of(new Meaning(
                row.metric(), row.form().unitsPerPageUnit(), row.form().isHistogram(), where));
    }

    /** The model that the labels of a page name, whatever the engine calls it. */
    public static Optional<String> model(Map<String, String> labels) {
        return ServerLabels.modelOf(labels);
    }

    /** Whether a series tells what no other does: of the ranks of one replica, which all see the same, one is heard. */
    public static boolean isOwn(Map<String, String> labels) {
        return ServerLabels.isOwn(labels);
    }

    /** How new a name is among those of its engine for the same thing: 0 is the newest. A page may have several. */
    public static int age(String family) {
        String name = Aliases.nativeName(family);
        return Aliases.TABLE.stream()
                .mapToInt(row -> row.families().indexOf(name))
                .filter(age -> age > 0)
                .findFirst()
                .orElse(0);
    }
}
