package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.inferwatch.system.support.Answer;
import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.OfficialExporter;
import io.inferwatch.system.support.RunningSidecar;
import io.inferwatch.system.support.SidecarApi;
import io.opentelemetry.api.common.Attributes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** Traces arrive by OTLP and are requests from then on. */
class OtlpTest {
    private static final String TRACES = "/v1/traces";

    private static String span(String id, Instant end, String attributes) {
        return "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":\"0af7651916cd43dd8448eb211c80319c\","
                + "\"spanId\":\"" + id + "\",\"kind\":2,\"startTimeUnixNano\":\""
                + (end.toEpochMilli() - 2_000) + "000000\",\"endTimeUnixNano\":\"" + end.toEpochMilli()
                + "000000\",\"attributes\":[" + attributes + "]}]}]}]}";
    }

    private static String attribute(String key, String value) {
        return "{\"key\":\"" + key + "\",\"value\":{" + value + "}}";
    }

    private static final String CALL = attribute("gen_ai.response.model", "\"stringValue\":\"writer\"") + ","
            + attribute("gen_ai.latency.time_to_first_token", "\"doubleValue\":0.35") + ","
            + attribute("gen_ai.usage.completion_tokens", "\"intValue\":\"101\"");

    @Test
    void spanIsARequest_sentTwiceItIsOne() {
        try (RunningSidecar sidecar = RunningSidecar.with().start()) {
            SidecarApi api = sidecar.api();
            String body = span("00000000000000a1", Instant.now(), CALL);
            assertThat(api.post(TRACES, SidecarApi.JSON, body).json(200).has("partialSuccess"))
                    .isTrue();
            api.post(TRACES, SidecarApi.JSON, body).json(200);

            JsonNode series = Await.value(
                    "seen",
                    Duration.ofSeconds(10),
                    () -> api.read("/api/v1/percentiles", "metric", "llm.ttft", "p", "50", "by", "model")
                            .path("series")
                            .path(0),
                    one -> one.path("count").asInt() > 0);
            assertThat(series.path("count").asInt()).isEqualTo(1);
            assertThat(series.path("observer").asText()).isEqualTo("otlp");
            assertThat(series.path("percentiles").path("p50").asDouble()).isBetween(349.65, 350.35);
        }
    }

    private static String ttftOf(Instant start, Instant end) {
        return "{\"resourceMetrics\":[{\"resource\":{\"attributes\":["
                + attribute("service.name", "\"stringValue\":\"llama-70b\"")
                + "]},\"scopeMetrics\":[{\"metrics\":[{\"name\":\"gen_ai.server.time_to_first_token\",\"unit\":\"s\","
                + "\"histogram\":{\"aggregationTemporality\":1,\"dataPoints\":[{\"startTimeUnixNano\":\""
                + start.toEpochMilli() + "000000\",\"timeUnixNano\":\"" + end.toEpochMilli()
                + "000000\",\"count\":\"10\",\"sum\":3,\"explicitBounds\":[0.25,0.5],"
                + "\"bucketCounts\":[\"0\",\"10\",\"0\"]}]}}]}]}]}";
    }

    @Test
    void histogramIsAnsweredAsABracket_sentTwiceItCountsOnce() {
        try (RunningSidecar sidecar = RunningSidecar.with().start()) {
            SidecarApi api = sidecar.api();
            byte[] body = ttftOf(Instant.now().minusSeconds(5), Instant.now()).getBytes(StandardCharsets.UTF_8);
            assertThat(api.postGzip("/v1/metrics", SidecarApi.JSON, body)
                            .json(200)
                            .has("partialSuccess"))
                    .isTrue();
            api.post("/v1/metrics", SidecarApi.JSON, body).json(200);

            JsonNode series = Await.value(
                    "seen",
                    Duration.ofSeconds(10),
                    () -> api.read("/api/v1/percentiles", "metric", "llm.ttft", "p", "50", "by", "server")
                            .path("series")
                            .path(0),
                    one -> one.path("count").asInt() > 0);
            assertThat(series.path("count").asInt()).isEqualTo(10);
            assertThat(series.path("provenance").asText()).isEqualTo("bucketed");
            assertThat(series.path("observer").asText()).isEqualTo("otlp");
            assertThat(series.path("labels").path("server").asText()).isEqualTo("llama-70b");
            assertThat(series.path("percentiles").path("p50").path("hi").asDouble())
                    .isLessThanOrEqualTo(500);
            JsonNode source = api.read("/api/v1/sources").path("sources").path(0);
            assertThat(source.path("observer").asText()).isEqualTo("otlp");
            assertThat(source.path("understood").path("llm.ttft").asText())
                    .isEqualTo("gen_ai.server.time_to_first_token");
        }
    }

    /** What its users run. */
    @Test
    void theOfficialSdksNumbers_arriveAsTheyAre() {
        try (RunningSidecar sidecar = RunningSidecar.with().start();
                OfficialExporter service = new OfficialExporter(sidecar.api().address(), "writer")) {
            Attributes model = Attributes.builder()
                    .put("gen_ai.response.model", "acme-8b")
                    .put("gen_ai.operation.name", "chat")
                    .build();
            service.call(
                    Duration.ofSeconds(2),
                    model.toBuilder()
                            .put("gen_ai.latency.time_to_first_token", .35)
                            .put("gen_ai.usage.output_tokens", 101)
                            .put("gen_ai.usage.input_tokens", 4_000)
                            .build());
            service.explicit("gen_ai.server.time_per_output_token", List.of(.01, .025, .05), model, .02, .02, .04, .04);
            service.exponential(model, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3);
            service.count("trtllm_generation_tokens_total", model, 1_234);
            assertThat(service.flush())
                    .as("the exporter is content with the answer")
                    .isTrue();

            SidecarApi api = sidecar.api();
            JsonNode bracket =
                    series(api, "llm.latency", "bucketed").path("percentiles").path("p50");
            assertThat(bracket.path("lo").asDouble()).isBetween(2_900.0, 3_000.0);
            assertThat(bracket.path("hi").asDouble()).isBetween(3_000.0, 3_100.0);
            assertThat(series(api, "llm.latency", "bucketed").path("count").asInt())
                    .isEqualTo(10);
            assertThat(series(api, "llm.latency", "bucketed").path("mean").asDouble())
                    .isEqualTo(2_600);
            assertThat(p50(api, "llm.latency")).isBetween(1_998.0, 2_002.0);
            assertThat(p50(api, "llm.ttft")).isBetween(349.65, 350.35);
            assertThat(p50(api, "llm.tpot")).isBetween(16.48, 16.52);
            assertThat(p50(api, "llm.tokens.input")).isBetween(3_996.0, 4_004.0);
            JsonNode share = api.read("/api/v1/share", "metric", "llm.tpot", "above", "25ms", "from", "-15m");
            assertThat(of("bucketed", share).path("share").asDouble()).isEqualTo(.5);
            assertThat(of("bucketed", share).path("count").asInt()).isEqualTo(4);
            JsonNode tokens =
                    api.read("/api/v1/windows", "metric", "llm.generated_tokens", "agg", "sum", "from", "-15m");
            assertThat(tokens.path("series").path(0).path("value").asDouble()).isEqualTo(1_234);
        }
    }

    private static double p50(SidecarApi api, String metric) {
        return series(api, metric, "exact").path("percentiles").path("p50").asDouble();
    }

    /** Of this provenance, once it is there. */
    private static JsonNode series(SidecarApi api, String metric, String provenance) {
        return Await.value(
                metric + ", " + provenance,
                Duration.ofSeconds(10),
                () -> of(provenance, api.read("/api/v1/percentiles", "metric", metric, "p", "50", "from", "-15m")),
                one -> one.path("count").asInt() > 0);
    }

    private static JsonNode of(String provenance, JsonNode answer) {
        return StreamSupport.stream(answer.path("series").spliterator(), false)
                .filter(one -> one.path("provenance").asText().equals(provenance))
                .findFirst()
                .orElse(MissingNode.getInstance());
    }

    @Test
    void whatCannotBeTakenIsSaid() {
        try (RunningSidecar sidecar = RunningSidecar.with().start()) {
            SidecarApi api = sidecar.api();
            String nameless = attribute("gen_ai.operation.name", "\"stringValue\":\"chat\"");
            JsonNode partial = api.post(TRACES, SidecarApi.JSON, span("00000000000000a1", Instant.now(), nameless))
                    .json(200)
                    .path("partialSuccess");
            assertThat(partial.path("rejectedSpans").asText()).isEqualTo("1");
            assertThat(partial.path("errorMessage").asText()).contains("gen_ai.request.model");
            assertThat(api.post(TRACES, SidecarApi.JSON, "{").status()).isEqualTo(400);
            assertThat(api.post(TRACES, SidecarApi.NDJSON, "{}").status()).isEqualTo(415);
            Answer empty = api.post(TRACES, "application/x-protobuf", "");
            assertThat(empty.status()).as("%s", empty).isEqualTo(200);
            Answer broken = api.post(TRACES, "application/x-protobuf", "\n\n");
            assertThat(broken.status()).as("%s", broken).isEqualTo(400);
        }
    }

    @Test
    void switchedOffItIsNotThere() {
        try (RunningSidecar sidecar =
                RunningSidecar.with().config("otlp: {enabled: false}\n").start()) {
            Answer off = sidecar.api().post(TRACES, SidecarApi.JSON, "{}");
            assertThat(off.status()).as("%s", off).isEqualTo(404);
            assertThat(off.text()).contains("otlp.enabled");
        }
    }
}
