package io.inferwatch.api.http;

import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.collector.catalogue.MetricKind;
import io.inferwatch.histograms.Aggregate;
import io.inferwatch.histograms.Answer;
import io.inferwatch.histograms.Bracket;
import io.inferwatch.histograms.Provenance;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Windows as CSV, RFC 4180 with bare line feeds: a row a window and group. Of bucketed data the columns {@code …_lo} and
 * {@code …_hi} say what is known and the column without ending is an estimate between them; of exact data they are empty.
 * A text that a spreadsheet would take for a formula gets an apostrophe before it. Pure.
 */
final class CsvRows {
    private final Metric metric;
    private final List<String> by;
    private final Map<String, Aggregate> columns = new LinkedHashMap<>();
    private final List<String> bracketed = new ArrayList<>();

    /** @param ranks key as asked → percentile; of a counter none is told */
    CsvRows(Metric metric, List<String> by, Map<String, BigDecimal> ranks) {
        this.metric = metric;
        this.by = List.copyOf(by);
        if (metric.kind() == MetricKind.COUNTER) {
            columns.put("sum", Aggregate.Basic.SUM);
            columns.put("rate", Aggregate.Basic.RATE);
            return;
        }
        columns.put("min", Aggregate.Basic.MIN);
        columns.put("max", Aggregate.Basic.MAX);
        columns.put("mean", Aggregate.Basic.AVG);
        if (metric.kind() == MetricKind.GAUGE) {
            columns.put("last", Aggregate.Basic.LAST);
        } else {
            columns.put("sum", Aggregate.Basic.SUM);
        }
        ranks.forEach((key, rank) -> columns.put(key, new Aggregate.Percentile(rank)));
        if (metric.kind() == MetricKind.EVENT) {
            columns.keySet().stream().filter(name -> !name.equals("sum")).forEach(bracketed::add);
        }
    }

    /** What to ask for: an answer holds one value each, in this order. */
    List<Aggregate> aggregates() {
        return List.copyOf(columns.values());
    }

    String header() {
        List<String> cells = new ArrayList<>(List.of("metric", "unit", "from", "to"));
        by.forEach(label -> cells.add(text(label)));
        cells.addAll(List.of("provenance", "observer", "count"));
        cells.addAll(columns.keySet());
        bracketed.forEach(name -> cells.addAll(List.of(name + "_lo", name + "_hi")));
        return String.join(",", cells) + "\n";
    }

    byte[] rows(Answer<List<Bracket>> answer) {
        StringBuilder out = new StringBuilder();
        for (Answer.Group<List<Bracket>> group : answer.groups()) {
            for (Answer.Point<List<Bracket>> point : group.points()) {
                out.append(row(answer, group, point)).append('\n');
            }
        }
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    private String row(Answer<?> answer, Answer.Group<List<Bracket>> group, Answer.Point<List<Bracket>> point) {
        List<String> cells = new ArrayList<>();
        cells.add(metric.name());
        cells.add(metric.unit().symbol());
        cells.add(Times.format(point.from()));
        cells.add(
                Times.format(answer.step().map(step -> point.from().plus(step)).orElse(answer.to())));
        by.forEach(label -> cells.add(text(group.labels().get(label).orElse(""))));
        cells.add(AnswerShape.word(group.provenance()));
        cells.add(String.join(" ", group.observers()));
        cells.add(Long.toString(point.count()));
        List<String> names = List.copyOf(columns.keySet());
        List<Bracket> values = point.value();
        values.forEach(value -> cells.add(number(value.estimate())));
        boolean isBucketed = group.provenance() instanceof Provenance.Bucketed;
        for (String name : bracketed) {
            Bracket value = values.get(names.indexOf(name));
            cells.add(isBucketed ? number(value.lo()) : "");
            cells.add(isBucketed ? number(value.hi()) : "");
        }
        return String.join(",", cells);
    }

    /** Empty past the last bucket's bound: there is no number. */
    private static String number(double value) {
        if (!Double.isFinite(value)) {
            return "";
        }
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }

    private static String text(String value) {
        String safe = !value.isEmpty() && "=+-@\t\r".indexOf(value.charAt(0)) >= 0 ? "'" + value : value;
        boolean isPlain = safe.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
        return isPlain ? safe : "\"" + safe.replace("\"", "\"\"") + "\"";
    }
}
