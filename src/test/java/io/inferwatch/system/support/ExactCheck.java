package io.inferwatch.system.support;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * Compares what the sidecar answers with the sorted list of what was sent. Percentiles may differ by 0.1 % of the true
 * value, which is the width of a histogram cell; counts, minimum and maximum may not differ at all.
 */
public final class ExactCheck {
    /** The promise, and the rounding of a decimal number written as text. */
    private static final double RELATIVE_ERROR = 0.001 + 1e-9;

    private static final List<String> PERCENTILES = List.of("0", "50", "90", "95", "99", "99.9", "100");
    private static final Duration VISIBLE = Duration.ofSeconds(30);

    private final SidecarApi api;
    private final List<RequestRecord> sent;
    private double worstRelativeError;

    public ExactCheck(SidecarApi api, List<RequestRecord> sent) {
        this.api = api;
        this.sent = sent;
    }

    /** The largest error seen so far, as a share of the true value. */
    public double worstRelativeError() {
        return worstRelativeError;
    }

    /** Waits until every record sent is visible, and never more than that. */
    public void awaitAllVisible(String metric) {
        Await.value("all " + sent.size() + " samples of " + metric, VISIBLE, () -> count(metric), count -> {
            if (count > sent.size()) {
                throw new AssertionError(metric + " counts " + count + " of " + sent.size() + " sent");
            }
            return count == sent.size();
        });
    }

    private long count(String metric) {
        long count = 0;
        for (JsonNode series : percentiles(metric, "p", "50").path("series")) {
            count += series.path("count").asLong();
        }
        return count;
    }

    /** Every model's percentiles over the whole range. */
    public void wholeRange(String metric, ToDoubleFunction<RequestRecord> value) {
        Map<String, NearestRank> truth = byModel(value);
        JsonNode answer = percentiles(metric, "p", String.join(",", PERCENTILES), "by", "model");
        require(answer.path("series").size() == truth.size(), "series: " + answer);
        for (JsonNode series : answer.path("series")) {
            String model = series.path("labels").path("model").asText();
            NearestRank sorted = known(truth, model);
            compare(metric + " of " + model, series, sorted);
            require(series.path("min").asDouble() == sorted.min(), model + " min " + series.path("min"));
            require(series.path("max").asDouble() == sorted.max(), model + " max " + series.path("max"));
        }
    }

    /** Everything merged into one series. */
    public void merged(String metric, ToDoubleFunction<RequestRecord> value) {
        JsonNode answer = percentiles(metric, "p", String.join(",", PERCENTILES));
        require(answer.path("series").size() == 1, "one series is expected without by: " + answer);
        JsonNode series = answer.path("series").get(0);
        require(series.path("labels").isEmpty(), "labels of a merged series: " + series);
        compare(metric, series, new NearestRank(values(sent, value)));
    }

    /** Each step of one model by itself; records carry their own time, so each one's step is known. */
    public void perStep(String metric, String model, Duration step, ToDoubleFunction<RequestRecord> value) {
        Map<Instant, List<RequestRecord>> truth = new TreeMap<>(sent.stream()
                .filter(record -> record.model().equals(model))
                .collect(Collectors.groupingBy(record -> floor(record.time().orElseThrow(), step))));
        JsonNode answer = percentiles(
                metric, "p", String.join(",", PERCENTILES), "where", "model:" + model, "step", step.toSeconds() + "s");
        JsonNode windows = answer.path("series").path(0).path("windows");
        require(windows.size() == truth.size(), windows.size() + " windows of " + truth.size() + ": " + answer);
        for (JsonNode window : windows) {
            Instant from = Instant.parse(window.path("from").asText());
            NearestRank sorted = new NearestRank(values(known(truth, from), value));
            compare(metric + " of " + model + " at " + from, window, sorted);
        }
    }

    /** The share past a limit that is itself one of the values sent. */
    public void share(String metric, ToDoubleFunction<RequestRecord> value) {
        NearestRank truth = new NearestRank(values(sent, value));
        double limitMs = truth.at("90");
        JsonNode answer = api.read("/api/v1/share", "metric", metric, "above", limitMs + "ms", "from", "-1h");
        double share = answer.path("series").path(0).path("share").asDouble();
        double low = truth.shareAbove(limitMs * 1.001);
        double high = truth.shareAbove(limitMs * 0.999);
        require(
                share >= low && share <= high,
                "share above " + limitMs + " ms is " + share + ", not in " + low + "…" + high);
    }

    private void compare(String what, JsonNode answer, NearestRank truth) {
        require(
                answer.path("count").asLong() == truth.count(),
                what + " counts " + answer.path("count") + " of " + truth.count());
        for (String percentile : PERCENTILES) {
            double got = answer.path("percentiles").path("p" + percentile).asDouble(Double.NaN);
            double wanted = truth.at(percentile);
            double error = Math.abs(got - wanted) / wanted;
            worstRelativeError = Math.max(worstRelativeError, error);
            require(
                    error <= RELATIVE_ERROR,
                    what + " p" + percentile + " is " + got + ", the sorted list says " + wanted);
        }
    }

    private JsonNode percentiles(String metric, String... more) {
        List<String> query = new ArrayList<>(List.of("metric", metric, "from", "-1h"));
        query.addAll(List.of(more));
        return api.read("/api/v1/percentiles", query.toArray(String[]::new));
    }

    private Map<String, NearestRank> byModel(ToDoubleFunction<RequestRecord> value) {
        return sent.stream()
                .collect(Collectors.groupingBy(
                        RequestRecord::model,
                        Collectors.collectingAndThen(
                                Collectors.toList(), records -> new NearestRank(values(records, value)))));
    }

    private static <K, V> V known(Map<K, V> truth, K key) {
        V value = truth.get(key);
        if (value == null) {
            throw new AssertionError("nothing was sent for " + key);
        }
        return value;
    }

    private static double[] values(List<RequestRecord> records, ToDoubleFunction<RequestRecord> value) {
        return records.stream().mapToDouble(value).toArray();
    }

    private static Instant floor(Instant time, Duration step) {
        return Instant.ofEpochSecond(Math.floorDiv(time.getEpochSecond(), step.toSeconds()) * step.toSeconds());
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
