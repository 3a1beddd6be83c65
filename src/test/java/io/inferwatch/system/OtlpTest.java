package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.inferwatch.system.support.Answer;
import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.RunningSidecar;
import io.inferwatch.system.support.SidecarApi;
import java.time.Duration;
import java.time.Instant;
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
