package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.inferwatch.system.support.Answer;
import io.inferwatch.system.support.RunningSidecar;
import io.inferwatch.system.support.SidecarApi;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A record that is wrong is refused by name; what is right beside it is kept. */
class BadRecordsTest {
    private static final String GOOD = "{\"model\":\"m\",\"ttft_ms\":10,\"latency_ms\":50,\"output_tokens\":5}";

    private static final List<String> TEXT_FIELDS = List.of(
            "model",
            "request_id",
            "model_version",
            "route",
            "server",
            "tenant",
            "feature",
            "user",
            "session",
            "group",
            "engine",
            "trace_id",
            "span_id",
            "parent_id",
            "finish_reason",
            "prompt_hash",
            "outcome");
    private static final List<String> DURATION_FIELDS =
            List.of("ttft_ms", "content_ttft_ms", "tpot_ms", "latency_ms", "queue_ms", "prefill_ms", "decode_ms");
    private static final List<String> COUNT_FIELDS = List.of(
            "input_tokens", "cached_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens", "attempt");

    private static RunningSidecar sidecar;

    @BeforeAll
    static void start() {
        sidecar = RunningSidecar.with().start();
    }

    @AfterAll
    static void stop() {
        sidecar.close();
    }

    /** One field of one record, wrong in one way; {@code value} is JSON, not necessarily well-formed. */
    record Wrong(String field, String value) {
        String json() {
            String model = field.equals("model") ? "" : "\"model\":\"m\",";
            return "{" + model + "\"" + field + "\":" + value + "}";
        }

        @Override
        public String toString() {
            return field + ": " + (value.length() > 40 ? value.substring(0, 40) + "…" : value);
        }
    }

    static Stream<Wrong> wrongFields() {
        List<Wrong> all = new ArrayList<>();
        TEXT_FIELDS.forEach(field -> add(all, field, "5", "true", "[]", "{}", "[\"a\"]"));
        DURATION_FIELDS.forEach(field ->
                add(all, field, "\"fast\"", "\"10\"", "true", "[]", "{}", "-1", "-0.001", "86400000.001", "1e300"));
        COUNT_FIELDS.forEach(field -> add(all, field, "\"7\"", "true", "[]", "{}", "-1", "1.5", "1e30"));
        add(all, "attempt", "0");
        add(all, "model", "\"\"");
        add(all, "request_id", "\"" + "x".repeat(129) + "\"");
        add(all, "status", "\"200\"", "true", "200.5", "[]");
        add(all, "stream", "\"yes\"", "1", "[]", "{}");
        add(all, "outcome", "\"great\"", "\"Success\"", "\"\"");
        add(all, "quality_score", "1.01", "-0.1", "\"good\"", "true");
        add(all, "sampling_rate", "0", "1.5", "-1", "\"all\"");
        add(all, "cost_usd", "-0.01", "\"free\"", "true");
        add(all, "labels", "5", "[]", "\"a\"", "{\"a\":5}", "{\"a\":{}}", "{\"a\":[\"b\"]}", seventeenLabels());
        add(all, "safety_flags", "\"toxic\"", "{}", "[1]", "[[]]", "5");
        add(all, "gpu_uuids", "\"GPU-1\"", "{}", "[1]", "5");
        add(all, "params", "5", "[]", "\"a\"");
        add(all, "time", "\"yesterday\"", "\"\"", "true", "[]", "{}", "-1", "\"2026-13-40T00:00:00Z\"", "\"12:00\"");
        add(all, "time", "\"2099-01-01T00:00:00Z\"", "\"1999-01-01T00:00:00Z\"", "4070908800000", "1");
        return all.stream();
    }

    private static void add(List<Wrong> all, String field, String... values) {
        Stream.of(values).map(value -> new Wrong(field, value)).forEach(all::add);
    }

    private static String seventeenLabels() {
        return IntStream.range(0, 17)
                .mapToObj(i -> "\"l" + i + "\":\"v\"")
                .collect(java.util.stream.Collectors.joining(",", "{", "}"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongFields")
    void recordIsRefusedByItsField_andItsNeighboursAreKept(Wrong wrong) {
        JsonNode answer = push(GOOD, wrong.json(), GOOD).json(202);

        assertThat(answer.path("accepted").asInt()).as("%s", answer).isEqualTo(2);
        assertThat(answer.path("rejected").asInt()).as("%s", answer).isEqualTo(1);
        JsonNode error = answer.path("errors").path(0);
        assertThat(error.path("line").asInt()).as("%s", answer).isEqualTo(2);
        assertThat(error.path("field").asText()).as("%s", answer).matches(wrong.field() + "([.\\[].*)?");
        assertThat(error.path("code").asText()).as("%s", answer).isNotEmpty();
        assertThat(error.path("message").asText()).as("%s", answer).isNotEmpty();
    }

    /** A whole record, and the field one of these names in the error. */
    record Contradiction(String json, List<String> fields) {}

    static Stream<Contradiction> contradictions() {
        return Stream.of(
                new Contradiction("{\"ttft_ms\":1}", List.of("model")),
                new Contradiction("{}", List.of("model")),
                new Contradiction(
                        "{\"model\":\"m\",\"ttft_ms\":60,\"latency_ms\":50}", List.of("ttft_ms", "latency_ms")),
                new Contradiction(
                        "{\"model\":\"m\",\"input_tokens\":5,\"cached_tokens\":9}",
                        List.of("cached_tokens", "input_tokens")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("contradictions")
    void recordIsRefused_whenItsFieldsContradictEachOther(Contradiction wrong) {
        JsonNode answer = push(wrong.json(), GOOD).json(202);

        assertThat(answer.path("accepted").asInt()).as("%s", answer).isEqualTo(1);
        assertThat(answer.path("errors").path(0).path("line").asInt())
                .as("%s", answer)
                .isEqualTo(1);
        assertThat(answer.path("errors").path(0).path("field").asText())
                .as("%s", answer)
                .isIn(wrong.fields());
    }

    @Test
    void negativeNumber_hasItsCode() {
        JsonNode answer = push(GOOD, new Wrong("ttft_ms", "-1").json()).json(202);

        assertThat(answer.path("errors").path(0).path("code").asText())
                .as("%s", answer)
                .isEqualTo("negative");
    }

    static Stream<String> brokenLines() {
        return Stream.of(
                "{",
                "{\"model\":\"m\"",
                "{\"model\":\"m\"}}",
                "{\"model\":\"m\",}",
                "{\"model\":\"m\",\"ttft_ms\":NaN}",
                "{\"model\":\"m\",\"ttft_ms\":Infinity}",
                "{\"model\":\"m\",\"ttft_ms\":01}",
                "{model:\"m\"}",
                "{'model':'m'}",
                "{\"model\":\"m\"} {\"model\":\"m\"}",
                "not json",
                "5",
                "\"text\"",
                "null",
                "[{\"model\":\"m\"}]",
                "[".repeat(5_000),
                "{\"model\":\"m\",\"params\":" + "{\"a\":".repeat(2_000) + "1" + "}".repeat(2_000) + "}");
    }

    @ParameterizedTest
    @MethodSource("brokenLines")
    void malformedLineSpoilsItselfAlone_inNdjson(String line) {
        JsonNode answer = push(GOOD, line, GOOD).json(202);

        assertThat(answer.path("accepted").asInt()).as("%s", answer).isEqualTo(2);
        assertThat(answer.path("rejected").asInt()).as("%s", answer).isEqualTo(1);
        assertThat(answer.path("errors").path(0).path("line").asInt())
                .as("%s", answer)
                .isEqualTo(2);
    }

    @Test
    void errorNamesThePosition_inAnArray() {
        String body = "[" + GOOD + "," + GOOD + ",{\"model\":\"m\",\"tpot_ms\":-3}," + GOOD + "]";
        JsonNode answer =
                sidecar.api().post(SidecarApi.REQUESTS, SidecarApi.JSON, body).json(202);

        assertThat(answer.path("accepted").asInt()).as("%s", answer).isEqualTo(3);
        assertThat(answer.path("errors").path(0).path("line").asInt())
                .as("%s", answer)
                .isEqualTo(3);
        assertThat(answer.path("errors").path(0).path("field").asText())
                .as("%s", answer)
                .isEqualTo("tpot_ms");
    }

    @Test
    void allRecordsRejected_is400WithTheSameErrors() {
        Answer answer = push(new Wrong("ttft_ms", "-1").json(), new Wrong("route", "5").json());

        assertThat(answer.status()).as("%s", answer).isEqualTo(400);
        assertThat(answer.json().path("errors")).as("%s", answer).hasSize(2);
        assertThat(answer.json().path("errors").path(1).path("field").asText())
                .as("%s", answer)
                .isEqualTo("route");
    }

    @Test
    void onlyTheFirstHundredErrorsAreListed_allAreCounted() {
        List<String> lines = new ArrayList<>(List.of(GOOD));
        IntStream.range(0, 150).forEach(i -> lines.add(new Wrong("ttft_ms", "-1").json()));
        JsonNode answer = push(lines.toArray(String[]::new)).json(202);

        assertThat(answer.path("rejected").asInt()).as("%s", answer).isEqualTo(150);
        assertThat(answer.path("errors")).as("%s", answer).hasSize(100);
        assertThat(answer.path("errors").path(99).path("line").asInt())
                .as("%s", answer)
                .isEqualTo(101);
    }

    static Stream<List<String>> unknownFields() {
        return Stream.of(
                List.of("ttft", "ttft_ms"),
                List.of("latency", "latency_ms"),
                List.of("output_token", "output_tokens"),
                List.of("modelversion", "model_version"),
                List.of("requestid", "request_id"));
    }

    @ParameterizedTest
    @MethodSource("unknownFields")
    void unknownField_isAWarningWithTheNearestName(List<String> unknownAndNearest) {
        String odd = "{\"model\":\"m\",\"" + unknownAndNearest.get(0) + "\":3}";
        JsonNode answer = push(GOOD, odd).json(202);

        assertThat(answer.path("accepted").asInt()).as("%s", answer).isEqualTo(2);
        JsonNode warning = answer.path("warnings").path(0);
        assertThat(warning.path("line").asInt()).as("%s", answer).isEqualTo(2);
        assertThat(warning.path("field").asText()).as("%s", answer).isEqualTo(unknownAndNearest.get(0));
        assertThat(warning.path("message").asText()).contains("\"" + unknownAndNearest.get(1) + "\"");
    }

    @Test
    void unknownField_isRejected_whenStrict() {
        String odd = "{\"model\":\"m\",\"ttft\":3}";
        JsonNode mixed = sidecar.api()
                .post(SidecarApi.REQUESTS + "?strict=true", SidecarApi.NDJSON, GOOD + "\n" + odd + "\n")
                .json(202);
        Answer alone = sidecar.api().post(SidecarApi.REQUESTS + "?strict=true", SidecarApi.JSON, odd);

        assertThat(mixed.path("accepted").asInt()).as("%s", mixed).isEqualTo(1);
        assertThat(mixed.path("errors").path(0).path("field").asText())
                .as("%s", mixed)
                .isEqualTo("ttft");
        assertThat(alone.status()).as("%s", alone).isEqualTo(400);
    }

    @Test
    void ownTime_isTakenWithinItsBoundsAndRefusedBeyond() {
        Instant now = Instant.now();
        String body = String.join(
                "\n",
                timed(now.minus(Duration.ofMinutes(59)).toString()),
                timed(now.minus(Duration.ofMinutes(61)).toString()),
                timed(now.plus(Duration.ofSeconds(40)).toString()),
                timed(now.plus(Duration.ofSeconds(90)).toString()),
                "{\"model\":\"m\",\"time\":" + now.minusSeconds(5).toEpochMilli() + "}",
                timed("2026-11-20T12:00:00+05:30".replace("2026-11-20T12:00:00", local(now))));
        JsonNode answer =
                sidecar.api().post(SidecarApi.REQUESTS, SidecarApi.NDJSON, body).json(202);

        assertThat(answer.path("accepted").asInt()).as("%s", answer).isEqualTo(4);
        assertThat(answer.path("errors").findValuesAsText("line"))
                .as("%s", answer)
                .containsExactly("2", "4");
        assertThat(answer.path("errors").findValuesAsText("field")).containsExactly("time", "time");
    }

    private static String timed(String time) {
        return "{\"model\":\"m\",\"time\":\"" + time + "\"}";
    }

    private static String local(Instant time) {
        return time.minusSeconds(10)
                .atOffset(java.time.ZoneOffset.ofHoursMinutes(5, 30))
                .toString()
                .substring(0, 19);
    }

    private static Answer push(String... lines) {
        return sidecar.api().post(SidecarApi.REQUESTS, SidecarApi.NDJSON, String.join("\n", lines) + "\n");
    }
}
