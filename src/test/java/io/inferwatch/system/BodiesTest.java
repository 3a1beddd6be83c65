package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.inferwatch.system.support.Answer;
import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.RunningSidecar;
import io.inferwatch.system.support.SidecarApi;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole bodies: their forms, their limits, and that a refused one leaves nothing behind. */
class BodiesTest {
    private static final AtomicInteger MODELS = new AtomicInteger();
    private static final Duration VISIBLE = Duration.ofSeconds(10);

    private static RunningSidecar sidecar;

    @BeforeAll
    static void start() {
        sidecar = RunningSidecar.with().start();
    }

    @AfterAll
    static void stop() {
        sidecar.close();
    }

    /** A body refused as a whole: its kind, its bytes for a model of its own, and the status it must get. */
    record Refused(String name, String contentType, String encoding, int status, Function<String, byte[]> body) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Refused> refusedBodies() {
        return Stream.of(
                array("array without its end", 400, good -> "[" + good + "," + good),
                array("array with a broken record", 400, good -> "[" + good + ",{\"model\":]"),
                array("text after the array", 400, good -> "[" + good + "]x"),
                array("two arrays", 400, good -> "[" + good + "][" + good + "]"),
                array("half an object", 400, good -> good.substring(0, good.length() - 1)),
                array("a number", 400, good -> "5"),
                array("deep", 400, good -> "[".repeat(100_000)),
                array("10,001 records", 413, good -> repeated(10_001, good, "[", ",", "]")),
                array("over 5 MiB", 413, good -> "[" + good + "," + " ".repeat(5 << 20) + good + "]"),
                array("over 20 MiB", 413, good -> "[" + good + "," + " ".repeat(20 << 20) + good + "]"),
                lines("10,001 lines", good -> repeated(10_001, good, "", "\n", "\n")),
                lines("over 5 MiB of lines", good -> repeated(9_000, good + " ".repeat(600), "", "\n", "\n")),
                bytes("broken UTF-8", "", 400, model -> brokenUtf8(record(model))),
                bytes("truncated gzip", "gzip", 400, model -> truncated(gzip("[" + record(model) + "]"))),
                bytes("no gzip", "gzip", 400, model -> utf8("[" + record(model) + "]")),
                bytes("gzip bomb", "gzip", 413, model -> bomb(record(model))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refusedBodies")
    void bodyRefusedAsAWhole_leavesNothingBehind(Refused refused) {
        String model = freshModel();
        byte[] body = refused.body().apply(model);
        Answer answer = refused.encoding().isEmpty()
                ? sidecar.api().post(SidecarApi.REQUESTS, refused.contentType(), body)
                : sidecar.api().postEncoded(SidecarApi.REQUESTS, refused.contentType(), refused.encoding(), body);

        assertThat(answer.status()).as("%s", answer).isEqualTo(refused.status());
        assertThat(answer.isProblem()).as("%s", answer).isTrue();
        assertThat(countOnceOneMoreIsIn(model)).isEqualTo(1);
    }

    @Test
    void misspeltParameter_isRefusedAndLeavesNothingBehind() {
        String model = freshModel();

        Answer answer =
                sidecar.api().post(SidecarApi.REQUESTS + "?stict=true", "application/json", utf8(record(model)));

        assertThat(answer.status()).as("%s", answer).isEqualTo(400);
        assertThat(answer.toString()).contains("stict", "did you mean", "strict");
        assertThat(countOnceOneMoreIsIn(model)).isEqualTo(1);
    }

    @Test
    void everyFormOfBody_isTaken() {
        String model = freshModel();
        String one = record(model);
        List<Answer> answers = List.of(
                sidecar.api().post(SidecarApi.REQUESTS, SidecarApi.JSON, one),
                sidecar.api().post(SidecarApi.REQUESTS, SidecarApi.JSON, "[" + one + " ,\n" + one + "]"),
                sidecar.api().post(SidecarApi.REQUESTS, SidecarApi.NDJSON, one),
                sidecar.api().post(SidecarApi.REQUESTS, SidecarApi.NDJSON, one + "\n" + one + "\n"),
                sidecar.api().post(SidecarApi.REQUESTS, SidecarApi.NDJSON, one + "\r\n" + one + "\r\n"),
                sidecar.api().post(SidecarApi.REQUESTS, SidecarApi.JSON + "; charset=utf-8", one),
                sidecar.api().postGzip(SidecarApi.REQUESTS, SidecarApi.NDJSON, utf8(one + "\n" + one)),
                sidecar.api().postGzip(SidecarApi.REQUESTS, SidecarApi.JSON, utf8("[" + one + "]")));

        answers.forEach(answer -> assertThat(answer.status()).as("%s", answer).isEqualTo(202));
        assertThat(answers.stream().map(answer -> answer.json().path("accepted").asInt()))
                .containsExactly(1, 2, 1, 2, 2, 1, 2, 1);
        assertThat(answers.getFirst().json().path("durability").asText()).isEqualTo("process");
        Await.until("12 visible", VISIBLE, () -> count(model) == 12);
    }

    @Test
    void tenThousandRecords_areTaken() {
        JsonNode answer = sidecar.api()
                .post(SidecarApi.REQUESTS, SidecarApi.NDJSON, repeated(10_000, record(freshModel()), "", "\n", "\n"))
                .json(202);

        assertThat(answer.path("accepted").asInt()).isEqualTo(10_000);
    }

    @Test
    void recordOver64KiB_isRejectedAlone() {
        String model = freshModel();
        String large = "{\"model\":\"" + model + "\",\"ttft_ms\":1,\"params\":{\"x\":\"" + "y".repeat(65_536) + "\"}}";
        String fits = "{\"model\":\"" + model + "\",\"ttft_ms\":1,\"remark\":\"" + "y".repeat(60_000) + "\"}";
        for (String body : List.of(
                String.join("\n", record(model), large, fits) + "\n",
                "[" + String.join(",", record(model), large, fits) + "]")) {
            String type = body.startsWith("[") ? SidecarApi.JSON : SidecarApi.NDJSON;
            JsonNode answer =
                    sidecar.api().post(SidecarApi.REQUESTS, type, body).json(202);
            assertThat(answer.path("accepted").asInt()).as("%s", answer).isEqualTo(2);
            assertThat(answer.path("errors").path(0).path("line").asInt()).isEqualTo(2);
            assertThat(answer.path("errors").path(0).path("code").asText()).isEqualTo("too_large");
        }
    }

    @Test
    void duplicateIds_countOnceWithinABodyAndAcrossBodies() {
        String model = freshModel();
        String first = identified(model, "a", 1);
        JsonNode within = pushLines(first, first, identified(model, "b", 1), identified(model, "a", 2));
        JsonNode again = pushLines(first, identified(model, "b", 1));

        assertThat(within.path("accepted").asInt()).as("%s", within).isEqualTo(3);
        assertThat(within.path("duplicates").asInt()).as("%s", within).isEqualTo(1);
        assertThat(again.path("accepted").asInt())
                .as("a batch of duplicates is 202: %s", again)
                .isZero();
        assertThat(again.path("duplicates").asInt()).as("%s", again).isEqualTo(2);
        Await.until("3 visible", VISIBLE, () -> count(model) == 3);
    }

    @Test
    void sameBatchFromManySendersAtOnce_countsOnce() throws ExecutionException, InterruptedException {
        String model = freshModel();
        String body = IntStream.range(0, 500)
                .mapToObj(i -> identified(model, "r" + i, 1))
                .collect(Collectors.joining("\n"));
        int accepted = 0;
        try (ExecutorService senders = Executors.newFixedThreadPool(8)) {
            List<Future<Answer>> answers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                answers.add(senders.submit(() -> sidecar.api().post(SidecarApi.REQUESTS, SidecarApi.NDJSON, body)));
            }
            for (Future<Answer> answer : answers) {
                accepted += answer.get().json(202).path("accepted").asInt();
            }
        }

        assertThat(accepted).isEqualTo(500);
        assertThat(countOnceOneMoreIsIn(model)).isEqualTo(501);
    }

    @Test
    void memoryStaysBounded_afterHostileBodies() {
        for (int i = 0; i < 3; i++) {
            sidecar.api().postEncoded(SidecarApi.REQUESTS, SidecarApi.JSON, "gzip", bomb(record("bomb")));
            sidecar.api().post(SidecarApi.REQUESTS, SidecarApi.JSON, "[".repeat(1_000_000));
        }

        assertThat(sidecar.api().isReady()).isTrue();
        assertThat(sidecar.figures().residentMebibytes()).isLessThan(400);
    }

    /** Pushes one more record and waits until it is seen; nothing pushed before it can come after it. */
    private static long countOnceOneMoreIsIn(String model) {
        String route = "last-of-" + freshModel();
        pushLines("{\"model\":\"" + model + "\",\"route\":\"" + route + "\",\"ttft_ms\":1,\"latency_ms\":2}");
        Await.until("the last record is visible", VISIBLE, () -> count(model, "route:" + route) == 1);
        return count(model);
    }

    private static long count(String model, String... where) {
        List<String> query = new ArrayList<>(List.of("metric", "llm.ttft", "from", "-1h", "where", "model:" + model));
        for (String more : where) {
            query.addAll(List.of("where", more));
        }
        JsonNode series = sidecar.api()
                .read("/api/v1/percentiles", query.toArray(String[]::new))
                .path("series");
        return series.isEmpty() ? 0 : series.get(0).path("count").asLong();
    }

    private static JsonNode pushLines(String... lines) {
        return sidecar.api()
                .post(SidecarApi.REQUESTS, SidecarApi.NDJSON, String.join("\n", lines))
                .json(202);
    }

    private static Refused array(String name, int status, UnaryOperator<String> ofOneGoodRecord) {
        return new Refused(name, SidecarApi.JSON, "", status, model -> utf8(ofOneGoodRecord.apply(record(model))));
    }

    private static Refused lines(String name, UnaryOperator<String> ofOneGoodRecord) {
        return new Refused(name, SidecarApi.NDJSON, "", 413, model -> utf8(ofOneGoodRecord.apply(record(model))));
    }

    private static Refused bytes(String name, String encoding, int status, Function<String, byte[]> ofModel) {
        return new Refused(name, SidecarApi.JSON, encoding, status, ofModel);
    }

    private static String freshModel() {
        return "bodies-" + MODELS.incrementAndGet();
    }

    private static String record(String model) {
        return "{\"model\":\"" + model + "\",\"ttft_ms\":10,\"latency_ms\":50,\"output_tokens\":5}";
    }

    private static String identified(String model, String id, int attempt) {
        return "{\"model\":\"" + model + "\",\"request_id\":\"" + model + id + "\",\"attempt\":" + attempt
                + ",\"ttft_ms\":10,\"latency_ms\":50}";
    }

    private static String repeated(int count, String record, String open, String between, String close) {
        return open + (record + between).repeat(count - 1) + record + close;
    }

    private static byte[] brokenUtf8(String good) {
        byte[] body = utf8("[" + good + ",{\"model\":\"??\"}]");
        body[body.length - 5] = (byte) 0xFF;
        body[body.length - 4] = (byte) 0xFE;
        return body;
    }

    private static byte[] truncated(byte[] whole) {
        return Arrays.copyOf(whole, whole.length - 9);
    }

    private static byte[] bomb(String good) {
        return gzip("[" + good + "," + " ".repeat(100 << 20));
    }

    private static byte[] gzip(String plain) {
        return SidecarApi.gzip(utf8(plain));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
