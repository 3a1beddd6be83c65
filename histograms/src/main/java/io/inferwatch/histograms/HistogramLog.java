package io.inferwatch.histograms;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.catalogue.Metric;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogWriter;

/**
 * Writes windows as an HdrHistogram log. The format knows no negative values: those of a signed metric stand, mirrored,
 * under a tag of their own that ends in {@code negative}.
 */
final class HistogramLog {
    private static final int SIGNIFICANT_DIGITS = 3;
    private static final String NEGATIVE = "negative";

    private final Metric metric;
    private final PrintStream out;
    private final HistogramLogWriter writer;
    private long baseMillis;

    HistogramLog(Metric metric, OutputStream out) {
        this.metric = metric;
        this.out = new PrintStream(out, false, StandardCharsets.UTF_8);
        this.writer = new HistogramLogWriter(this.out);
    }

    /** The head of the log: once, before anything else. */
    void begin(Instant from) {
        baseMillis = from.toEpochMilli();
        writer.outputComment("[" + metric.name() + ", values are in 1/"
                + metric.unit().stepsPerUnit() + " " + metric.unit().symbol() + ", times are UTC]");
        writer.outputLogFormatVersion();
        writer.outputBaseTime(baseMillis);
        writer.outputStartTime(baseMillis);
        writer.outputLegend();
    }

    void write(Answer<WindowData> answer) {
        for (Answer.Group<WindowData> group : answer.groups()) {
            for (Answer.Point<WindowData> point : group.points()) {
                Instant to = answer.step().map(step -> point.from().plus(step)).orElse(answer.to());
                write(group.labels(), group.provenance(), point, to);
            }
        }
        out.flush();
    }

    private void write(LabelSet labels, Provenance provenance, Answer.Point<WindowData> point, Instant to) {
        WindowData data = point.value();
        List<String> tag = new ArrayList<>();
        labels.asMap().forEach((name, value) -> tag.add(clean(name) + "=" + clean(value)));
        if (provenance instanceof Provenance.Bucketed) {
            tag.add("provenance=bucketed");
        }
        if (data.maxScaled() >= 0) {
            write(half(data, 1), tag, point.from(), to);
        }
        if (data.minScaled() < 0) {
            tag.add(NEGATIVE);
            write(half(data, -1), tag, point.from(), to);
        }
    }

    private void write(Histogram histogram, List<String> tag, Instant from, Instant to) {
        histogram.setStartTimeStamp(from.toEpochMilli());
        histogram.setEndTimeStamp(to.toEpochMilli());
        if (!tag.isEmpty()) {
            histogram.setTag(String.join(";", tag));
        }
        writer.outputIntervalHistogram(
                (from.toEpochMilli() - baseMillis) / 1_000.0,
                (to.toEpochMilli() - baseMillis) / 1_000.0,
                histogram,
                (double) metric.unit().stepsPerUnit());
    }

    private static Histogram half(WindowData data, int sign) {
        long highest = Math.max(2, sign > 0 ? data.maxScaled() : -data.minScaled());
        Histogram histogram = new Histogram(highest, SIGNIFICANT_DIGITS);
        data.forEachCell((low, high, count) -> {
            if (sign > 0 ? low >= 0 : high < 0) {
                histogram.recordValueWithCount(sign > 0 ? low : -high, count);
            }
        });
        return histogram;
    }

    /** A tag may hold no comma, no blank and no line break. */
    private static String clean(String text) {
        return text.replaceAll("[,;=\\s]", "_");
    }
}
