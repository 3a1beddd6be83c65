package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.inferwatch.system.support.Answer;
import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.Json;
import io.inferwatch.system.support.RunningSidecar;
import io.inferwatch.system.support.SidecarApi;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every read route over a small set of records whose answers can be worked out by hand. */
class QueryTest {
    /** One minute ago at the start of a 10 s window, so that no record's window is still open. */
    private static Instant base;

    private static RunningSidecar sidecar;

    /** alpha: 100, 200, 300, 400 ms in two windows; beta: 1,000 ms, and one of 60 s that the client gave up. */
    @BeforeAll
    static void start() {
        base = Instant.ofEpochSecond(Instant.now().getEpochSecond() / 10 * 10).minusSeconds(60);
        sidecar = RunningSidecar.with().config("labels: {cluster: eu-1}\n").start();
        String lines = String.join(
                "\n",
                record("alpha", "chat", 100, 0, "success"),
                record("alpha", "chat", 200, 1, "success"),
                record("alpha", "code", 300, 10, "success"),
                record("alpha", "code", 400, 11, "success"),
                record("beta", "", 1_000, 0, "success"),
                record("beta", "", 60_000, 1, "client_abort"));
        sidecar.api().post(SidecarApi.REQUESTS, SidecarApi.NDJSON, lines).json(202);
        Await.until("visible", Duration.ofSeconds(10), () -> count("llm.ttft", "where", "outcome:*") == 6);
    }

    @AfterAll
    static void stop() {
        sidecar.close();
    }

    private static String record(String model, String route, double ttftMs, int second, String outcome) {
        var node = Json.object(
                "model",
                model,
                "request_id",
                model + ttftMs,
                "ttft_ms",
                ttftMs,
                "latency_ms",
                ttftMs + 1_000,
                "output_tokens",
                11,
                "input_tokens",
                100,
                "outcome",
                outcome,
                "time",
                base.plusSeconds(second).toString());
        if (!route.isEmpty()) {
            node.put("route", route);
        }
        return node.toString();
    }

    @Test
    void percentiles_carryWhatTheContractShows() {
        JsonNode answer = percentiles("llm.ttft", "p", "50,99.90,0", "by", "model");

        assertThat(answer.path("metric").asText()).isEqualTo("llm.ttft");
        assertThat(answer.path("unit").asText()).isEqualTo("ms");
        assertThat(answer.path("definition").asText()).contains("first generated token");
        assertThat(answer.path("outcome").asText()).isEqualTo("success");
        JsonNode alpha = seriesOf(answer, "model", "alpha");
        assertThat(alpha.path("count").asInt()).isEqualTo(4);
        assertThat(alpha.path("min").asDouble()).isEqualTo(100);
        assertThat(alpha.path("max").asDouble()).isEqualTo(400);
        assertThat(alpha.path("mean").asDouble()).isEqualTo(250, within(0.25));
        assertThat(alpha.path("percentiles").path("p50").asDouble()).isEqualTo(200, within(0.2));
        assertThat(alpha.path("percentiles").path("p99.90").asDouble()).isEqualTo(400, within(0.4));
        assertThat(alpha.path("percentiles").path("p0").asDouble()).isEqualTo(100, within(0.1));
        assertThat(alpha.path("provenance").asText()).isEqualTo("exact");
        assertThat(alpha.path("observer").asText()).isEqualTo("push");
        assertThat(alpha.path("relative_error").asDouble()).isEqualTo(0.001);
        assertThat(alpha.path("labels")).hasSize(1);
    }

    @Test
    void percentilesAskedForByNobody_areThreeOfOneSeries() {
        JsonNode series = percentiles("llm.ttft").path("series");

        assertThat(series).hasSize(1);
        assertThat(series.path(0).path("labels")).isEmpty();
        assertThat(names(series.path(0).path("percentiles"))).containsExactly("p50", "p95", "p99");
    }

    @Test
    void latencyAnswersForSuccesses_unlessOutcomeIsNamed() {
        assertThat(count("llm.ttft")).isEqualTo(5);
        assertThat(count("llm.ttft", "where", "outcome:*")).isEqualTo(6);
        assertThat(count("llm.ttft", "where", "outcome:client_abort")).isEqualTo(1);
        JsonNode byOutcome = percentiles("llm.ttft", "by", "outcome");
        assertThat(seriesOf(byOutcome, "outcome", "success").path("count").asInt())
                .isEqualTo(5);
        assertThat(seriesOf(byOutcome, "outcome", "client_abort").path("count").asInt())
                .isEqualTo(1);
        assertThat(byOutcome.path("outcome").asText()).isNotEqualTo("success");
        assertThat(value("llm.requests", "count")).isEqualTo(6);
        assertThat(value("llm.tokens.output", "sum")).isEqualTo(66);
    }

    @ParameterizedTest
    @CsvSource({"model:alpha,4", "model:alp*,4", "model:!alpha,1", "model:*a,5", "model:nobody,0", "route:chat,2"})
    void where_selects(String where, int count) {
        assertThat(count("llm.ttft", "where", where)).isEqualTo(count);
    }

    @Test
    void whereTwice_meansBoth() {
        assertThat(count("llm.ttft", "where", "model:alpha", "where", "route:code"))
                .isEqualTo(2);
        assertThat(count("llm.ttft", "where", "model:beta", "where", "route:code"))
                .isZero();
    }

    @Test
    void labelThatASeriesLacks_isLeftOut() {
        JsonNode answer = percentiles("llm.ttft", "by", "route,model");

        assertThat(answer.path("series")).hasSize(3);
        JsonNode beta = seriesOf(answer, "model", "beta");
        assertThat(beta.path("labels").has("route")).isFalse();
    }

    @Test
    void staticAndHostLabels_areOnEverySeries() {
        assertThat(count("llm.ttft", "where", "cluster:eu-1")).isEqualTo(5);
        assertThat(percentiles("llm.ttft", "by", "host")
                        .path("series")
                        .path(0)
                        .path("labels")
                        .path("host")
                        .asText())
                .isNotEmpty();
    }

    @Test
    void nothingThere_isAnEmptySeriesAnd200() {
        assertThat(percentiles("llm.ttft", "where", "model:nobody").path("series"))
                .isEmpty();
        assertThat(percentiles("llm.ttft", "observer", "proxy").path("series")).isEmpty();
        assertThat(percentiles("gpu.power").path("series")).isEmpty();
    }

    @Test
    void step_leavesEmptyWindowsOutAndAlignsToUtc() {
        JsonNode windows = percentiles("llm.ttft", "where", "model:alpha", "step", "10s")
                .path("series")
                .path(0)
                .path("windows");

        assertThat(windows).hasSize(2);
        assertThat(Instant.parse(windows.path(0).path("from").asText())).isEqualTo(base);
        assertThat(windows.path(0).path("count").asInt()).isEqualTo(2);
        assertThat(windows.path(1).path("percentiles").path("p50").asDouble()).isEqualTo(300, within(0.3));
    }

    @Test
    void rangeIsWidenedToWindowBounds_andSaidSo() {
        Instant from = base.plusSeconds(5);
        Instant to = base.plusSeconds(6);
        JsonNode answer = sidecar.api()
                .read(
                        "/api/v1/percentiles",
                        "metric",
                        "llm.ttft",
                        "from",
                        from.toString(),
                        "to",
                        to.getEpochSecond() + "",
                        "where",
                        "model:alpha");

        assertThat(Instant.parse(answer.path("from").asText())).isEqualTo(base);
        assertThat(Instant.parse(answer.path("to").asText())).isEqualTo(base.plusSeconds(10));
        assertThat(answer.path("series").path(0).path("count").asInt()).isEqualTo(2);
    }

    @Test
    void windows_answerEveryAggregate() {
        Map<String, Double> wanted = new TreeMap<>(Map.of(
                "avg", 250.0, "min", 100.0, "max", 400.0, "sum", 1_000.0, "count", 4.0, "last", 400.0, "stddev",
                111.803));
        wanted.forEach((agg, value) -> assertThat(value("llm.ttft", agg, "where", "model:alpha"))
                .as(agg)
                .isEqualTo(value, within(0.002 * value)));
        JsonNode rate = sidecar.api().read("/api/v1/windows", "metric", "llm.requests", "agg", "rate", "from", "-5m");
        double seconds = Duration.between(
                                Instant.parse(rate.path("from").asText()),
                                Instant.parse(rate.path("to").asText()))
                        .toMillis()
                / 1000.0;
        assertThat(rate.path("series").path(0).path("value").asDouble()).isEqualTo(6 / seconds, within(0.3 / seconds));
        assertThat(rate.path("agg").asText()).isEqualTo("rate");
    }

    @Test
    void share_countsStrictlyPastTheLimit() {
        assertThat(share("above", "250ms")).isEqualTo(0.5);
        assertThat(share("above", "0.25s")).isEqualTo(0.5);
        assertThat(share("above", "50ms")).isEqualTo(1);
        assertThat(share("above", "10s")).isZero();
        assertThat(share("below", "150ms")).isEqualTo(0.25);
    }

    @Test
    void heatmap_holdsEverySampleInAtMostTheColumnsAskedFor() {
        JsonNode answer = sidecar.api()
                .read("/api/v1/heatmap", "metric", "llm.ttft", "from", "-15m", "columns", "5", "where", "model:alpha");

        JsonNode series = answer.path("series").path(0);
        assertThat(series.path("windows").size()).as("%s", answer).isBetween(1, 5);
        long samples = 0;
        for (JsonNode column : series.path("windows")) {
            assertThat(column.path("counts"))
                    .as("a count between two bounds")
                    .hasSize(answer.path("bounds").size() - 1);
            for (JsonNode count : column.path("counts")) {
                samples += count.asLong();
            }
        }
        assertThat(samples).as("%s", answer).isEqualTo(4);
    }

    @Test
    void histograms_areReadByTheLibrarysOwnReader() {
        Answer answer =
                sidecar.api().get("/api/v1/histograms", "metric", "llm.ttft", "from", "-15m", "where", "model:alpha");
        Histogram all = new Histogram(3);
        try (HistogramLogReader reader =
                new HistogramLogReader(new ByteArrayInputStream(answer.text().getBytes(StandardCharsets.UTF_8)))) {
            while (reader.hasNext()) {
                if (reader.nextIntervalHistogram() instanceof Histogram interval) {
                    all.add(interval);
                }
            }
        }

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.contentType().orElse("")).startsWith("text/plain");
        assertThat(all.getTotalCount()).as(answer.text()).isEqualTo(4);
        assertThat(all.getMaxValue()).as("µs").isBetween(399_600L, 400_400L);
    }

    @Test
    void catalogue_namesKindUnitDefinitionAndLabels() {
        JsonNode metrics = sidecar.api().read("/api/v1/metrics").path("metrics");
        JsonNode ttft = find(metrics, "name", "llm.ttft");

        assertThat(ttft.path("kind").asText()).isEqualTo("event");
        assertThat(ttft.path("unit").asText()).isEqualTo("ms");
        assertThat(ttft.path("definition").asText()).isNotEmpty();
        assertThat(ttft.path("labels").toString()).contains("\"model\"").contains("\"outcome\"");
        assertThat(find(metrics, "name", "gpu.power").path("kind").asText()).isEqualTo("gauge");
        assertThat(find(metrics, "name", "llm.requests").path("kind").asText()).isEqualTo("counter");
    }

    @Test
    void series_listLabelSets() {
        JsonNode answer = sidecar.api().read("/api/v1/series", "metric", "llm.ttft");

        assertThat(answer.toString()).contains("\"alpha\"").contains("\"beta\"").contains("push");
    }

    @Test
    void slowest_namesTheSlowestRequests() {
        JsonNode answer = sidecar.api()
                .read("/api/v1/requests/slowest", "metric", "llm.ttft", "from", "-15m", "where", "model:alpha");

        assertThat(answer.findValuesAsText("request_id"))
                .as("%s", answer)
                .first()
                .isEqualTo("alpha400.0");
    }

    @Test
    void slowest_ofSomeValues_leavesTheOthersOut() {
        String[] alpha = {"metric", "llm.ttft", "from", "-15m", "where", "model:alpha"};
        JsonNode below = slowest(alpha, "below", "400ms").json(200);
        JsonNode above = slowest(alpha, "at_least", "0.4s").json(200);

        assertThat(below.findValues("value")).isNotEmpty().allMatch(value -> value.asDouble() < 400);
        assertThat(above.findValuesAsText("request_id")).contains("alpha400.0");
        assertThat(above.findValues("value")).allMatch(value -> value.asDouble() >= 400);
        assertThat(slowest(alpha, "at_least", "1h").json(200).path("requests")).isEmpty();
        assertThat(slowest(alpha, "at_least", "2s", "below", "1s")
                        .json(400)
                        .path("detail")
                        .asText())
                .contains("at_least", "2000", "1000");
        assertThat(slowest(alpha, "below", "400W").json(400).path("detail").asText())
                .contains("below", "400W", "ms");
    }

    private static Answer slowest(String[] selectors, String... limits) {
        String[] all = Arrays.copyOf(selectors, selectors.length + limits.length);
        System.arraycopy(limits, 0, all, selectors.length, limits.length);
        return sidecar.api().get("/api/v1/requests/slowest", all);
    }

    @Test
    void prometheusExposition_hasBaseUnitsAndTotals() {
        Answer answer = sidecar.api().get("/metrics");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.contentType().orElse("")).startsWith("text/plain");
        assertThat(answer.text())
                .contains("inferwatch_llm_ttft_seconds")
                .containsPattern("inferwatch_llm_requests_total\\{[^}]*model=\"alpha\"[^}]*} [0-9.eE+]+")
                .contains("# TYPE inferwatch_llm_requests_total counter");
        assertThat(answer.text().lines().filter(line -> !line.startsWith("#")))
                .allSatisfy(line -> assertThat(line).matches("[a-zA-Z_:][a-zA-Z0-9_:]*(\\{.*})? [^ ]+( [0-9]+)?|"));
    }

    @Test
    void descriptionAndExplorer_comeFromTheJar() {
        assertThat(sidecar.api().get("/openapi.yml").text()).startsWith("openapi: 3.1");
        assertThat(sidecar.api().get("/docs").status()).isEqualTo(200);
    }

    private static long count(String metric, String... more) {
        JsonNode series = percentiles(metric, more).path("series");
        return series.isEmpty() ? 0 : series.path(0).path("count").asLong();
    }

    private static double value(String metric, String agg, String... more) {
        List<String> query = new ArrayList<>(List.of("metric", metric, "agg", agg, "from", "-15m"));
        query.addAll(List.of(more));
        JsonNode answer = sidecar.api().read("/api/v1/windows", query.toArray(String[]::new));
        assertThat(answer.path("series")).as("%s", answer).hasSize(1);
        return answer.path("series").path(0).path("value").asDouble();
    }

    private static double share(String side, String limit) {
        JsonNode answer = sidecar.api()
                .read("/api/v1/share", "metric", "llm.ttft", side, limit, "from", "-15m", "where", "model:alpha");
        assertThat(answer.path("series").path(0).path("count").asInt())
                .as("%s", answer)
                .isEqualTo(4);
        return answer.path("series").path(0).path("share").asDouble();
    }

    private static JsonNode percentiles(String metric, String... more) {
        List<String> query = new ArrayList<>(List.of("metric", metric, "from", "-15m"));
        query.addAll(List.of(more));
        return sidecar.api().read("/api/v1/percentiles", query.toArray(String[]::new));
    }

    private static JsonNode seriesOf(JsonNode answer, String label, String value) {
        for (JsonNode series : answer.path("series")) {
            if (series.path("labels").path(label).asText().equals(value)) {
                return series;
            }
        }
        throw new AssertionError("no series with " + label + "=" + value + " in " + answer);
    }

    private static JsonNode find(JsonNode list, String field, String value) {
        for (JsonNode element : list) {
            if (element.path(field).asText().equals(value)) {
                return element;
            }
        }
        throw new AssertionError("none has " + field + "=" + value + ": " + list);
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
