package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.inferwatch.system.support.Answer;
import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.EventStream;
import io.inferwatch.system.support.FakeModelServer;
import io.inferwatch.system.support.OpenApiDocument;
import io.inferwatch.system.support.RunningSidecar;
import io.inferwatch.system.support.SidecarApi;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * What the OpenAPI document says of every route, held against what the program answers: successes and refusals, each walked
 * at least once, nothing in them that the document does not name. The demo has GPUs and alerts; a second one has a model
 * server that is scraped, a proxy and a silence in its rules file.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class OpenApiAnswersTest {
    private static final OpenApiDocument DOCUMENT = OpenApiDocument.read();
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Statuses whose cause no caller can bring about at will, and what is no answer of one piece. */
    private static final Set<String> ELSEWHERE = Set.of("429", "503");

    private static final Map<String, String> NOT_WALKED = Map.of(
            "PUT /api/v1/rules/source 409", "a file that cannot be written, which root always can: RuleSourceTest",
            "POST /api/v1/rules/backtest 409", "two runs at once: BacktestTest",
            "POST /api/v1/backup 409", "two copies at once: BackupTest",
            "POST /api/v1/silences 409", "a thousand silences: the notifier's own tests",
            "POST /api/v1/rules/rollback 422", "rules that ran once and are wrong today: RuleSourceTest");

    private static final String RULES = """
            version: 1
            include: [builtin]
            receivers: {console: {type: console}}
            routes: [{to: [console], wait: 0s, interval: 1m}]
            silences:
              - {match: {model: retired}, until: 2100-01-01T00:00:00Z, by: ops, why: it is retired}
            """;

    private final Set<String> walked = new TreeSet<>();
    private final List<String> faults = new ArrayList<>();
    private RunningSidecar demo;
    private EventStream events;
    private RunningSidecar own;
    private FakeModelServer server;

    @BeforeAll
    void start() {
        demo = RunningSidecar.with().command("demo").start();
        events = new EventStream(demo.api());
        server = new FakeModelServer();
        server.served(0.05);
        own = RunningSidecar.with()
                .config("""
                        otlp: {enabled: false}
                        gpu: {expected: 0}
                        servers:
                          - {name: writer, scrape: "%s"}
                          - {name: proxied, proxy: {listen: "127.0.0.1:%d", upstream: "%s"}}
                        """.formatted(
                                server.address(),
                                RunningSidecar.freePort(),
                                server.address().replace("/metrics", "")))
                .rules(RULES)
                .start();
    }

    @AfterAll
    void stop() {
        demo.close();
        own.close();
        server.close();
    }

    /** Holds an answer against what the document says of its operation. */
    private Answer walk(String operation, int status, Answer answer) {
        assertThat(answer.status()).as("%s", answer).isEqualTo(status);
        walked.add(operation + " " + status);
        faults.addAll(DOCUMENT.faults(operation, answer));
        return answer;
    }

    private Answer get(RunningSidecar sidecar, String path, int status, String... query) {
        return walk("GET " + path, status, sidecar.api().get(path, query));
    }

    private Answer post(String path, int status, String type, String body) {
        return walk("POST " + path, status, demo.api().post(path, type, body));
    }

    /** @param template the path as the document has it */
    private Answer admin(RunningSidecar sidecar, String operation, String path, int status, String type, String body) {
        String method = operation.substring(0, operation.indexOf(' '));
        return walk(operation, status, sidecar.api().sendAsAdmin(method, path, type, body));
    }

    private Answer admin(RunningSidecar sidecar, String operation, int status, String body) {
        String path = operation.substring(operation.indexOf(' ') + 1);
        return admin(sidecar, operation, path, status, SidecarApi.JSON, body);
    }

    private void strangersAreRefused(String operation, String path) {
        String method = operation.substring(0, operation.indexOf(' '));
        walk(operation, 401, demo.api().send(method, path, "", "Content-Type", SidecarApi.JSON));
    }

    @Test
    @Order(1)
    void examples_fitTheirSchemas() {
        assertThat(DOCUMENT.exampleFaults()).isEmpty();
    }

    /** In YAML a text with a comma, unquoted between braces, ends there and begins a key. */
    @Test
    @Order(1)
    void noPartOfATextBecameAKey() {
        assertThat(DOCUMENT.strayKeys()).isEmpty();
    }

    @Test
    @Order(1)
    void whatNoSchemaNames_isAFault() {
        Answer good = demo.api().get("/api/v1/gpus");
        Answer more = new Answer(
                good.call(),
                200,
                good.contentType(),
                good.retryAfter(),
                good.text().replaceFirst("\"index\":", "\"made_up\":1,\"index\":"));

        assertThat(DOCUMENT.faults("GET /api/v1/gpus", good)).isEmpty();
        assertThat(DOCUMENT.faults("GET /api/v1/gpus", more))
                .singleElement()
                .asString()
                .contains("/gpus/0", "made_up");
    }

    @Test
    @Order(2)
    void whatIsTaken_andWhatIsNot() {
        String record = "{\"model\":\"m\",\"ttft_ms\":5,\"latency_ms\":9,\"ttft\":1}";
        for (String path : List.of(SidecarApi.REQUESTS, "/api/v1/samples")) {
            boolean isRequest = path.equals(SidecarApi.REQUESTS);
            String good = isRequest ? record : "{\"metric\":\"eval.score\",\"value\":0.5,\"label\":1}";
            post(path, 202, SidecarApi.NDJSON, good + "\n" + good + "\n{\n");
            post(path, 400, SidecarApi.JSON, good.replace("5", "\"x\""));
            post(path, 400, SidecarApi.JSON, "{");
            post(path, 413, SidecarApi.NDJSON, "{}\n".repeat(10_001));
            post(path, 415, "text/plain", good);
        }
        post("/api/v1/proxies", 204, SidecarApi.JSON, """
                {"proxies": [{"server": "far", "listen": "127.0.0.1:9", "upstream": "http://127.0.0.1:8", "inflight": 1,
                  "oldest_inflight_us": 5, "up": true, "dropped": 0}]}""");
        post("/api/v1/proxies", 400, SidecarApi.JSON, "{");
        post("/api/v1/proxies", 415, "text/plain", "x");
        for (String path : List.of("/v1/traces", "/v1/metrics")) {
            post(path, 200, SidecarApi.JSON, "{}");
            post(path, 400, SidecarApi.JSON, "{");
            post(path, 413, SidecarApi.JSON, " ".repeat(70 << 20));
            post(path, 415, "text/plain", "x");
            walk("POST " + path, 404, own.api().post(path, SidecarApi.JSON, "{}"));
        }
        post("/api/v1/events", 202, SidecarApi.JSON, "{\"kind\":\"deploy\",\"labels\":{\"model\":\"m\"}}");
        post("/api/v1/events", 400, SidecarApi.JSON, "{\"kind\":\"deploy\",\"when\":1}");
        post("/api/v1/events", 415, "text/plain", "x");
        get(demo, "/api/v1/events", 200);
        get(demo, "/api/v1/events", 400, "from", "once");
    }

    @Test
    @Order(3)
    void whatWasMeasured() {
        Await.until(
                "GPU windows",
                PATIENCE,
                () -> demo.api()
                                .read("/api/v1/series", "metric", "gpu.power")
                                .path("series")
                                .size()
                        >= 8);
        for (String metric : List.of("llm.ttft", "gpu.power", "gpu.sm.utilization", "cost.usd", "llm.requests")) {
            get(demo, "/api/v1/percentiles", 200, "metric", metric, "p", "0,50,99.9", "by", "host");
            get(demo, "/api/v1/percentiles", 200, "metric", metric, "step", "10s");
            get(
                    demo,
                    "/api/v1/windows",
                    200,
                    "metric",
                    metric,
                    "agg",
                    "avg",
                    "by",
                    "gpu".equals(metric) ? "gpu" : "host");
            get(demo, "/api/v1/windows", 200, "metric", metric, "agg", "max", "step", "10s");
            get(demo, "/api/v1/heatmap", 200, "metric", metric);
            get(demo, "/api/v1/share", 200, "metric", metric, "above", "1");
            get(demo, "/api/v1/share", 200, "metric", metric, "below", "1", "step", "10s");
        }
        Await.until("buckets of the scraped server", PATIENCE, () -> {
            server.served(0.3);
            return get(own, "/api/v1/percentiles", 200, "metric", "llm.ttft", "observer", "scrape", "from", "-1h")
                    .text()
                    .contains("\"hi\"");
        });
        get(own, "/api/v1/share", 200, "metric", "llm.ttft", "above", "200ms");
        get(own, "/api/v1/heatmap", 200, "metric", "llm.ttft");
        for (String path : List.of("percentiles", "share", "windows", "heatmap", "histograms", "export")) {
            get(demo, "/api/v1/" + path, 400, "metric", "llm.tttf");
        }
        get(demo, "/api/v1/histograms", 200, "metric", "llm.ttft");
        get(demo, "/api/v1/export", 200, "metric", "llm.ttft");
        get(demo, "/api/v1/export", 200, "metric", "llm.ttft", "format", "hlog");
        get(demo, "/api/v1/metrics", 200);
        get(demo, "/api/v1/series", 200);
        get(demo, "/api/v1/series", 400, "metric", "x");
        get(demo, "/api/v1/requests/slowest", 200, "metric", "llm.ttft");
        get(demo, "/api/v1/requests/slowest", 400, "limit", "0");
        get(own, "/api/v1/sources", 200);
        get(demo, "/api/v1/sources", 200);
        get(demo, "/api/v1/cost/hosted", 200, "from", "-15m");
        get(demo, "/api/v1/cost/hosted", 400, "from", "-500d");
        get(demo, "/metrics", 200);
        get(demo, "/metrics", 400, "dcgm", "perhaps");
        walk("GET /metrics", 200, demo.api().send("GET", "/metrics", "", "Accept", "application/openmetrics-text"));
        get(demo, "/health/live", 200);
        get(demo, "/health/ready", 200);
    }

    @Test
    @Order(4)
    void gpus() {
        JsonNode gpus = get(demo, "/api/v1/gpus", 200).json().path("gpus");
        get(own, "/api/v1/gpus", 200);
        String one = "GET /api/v1/gpus/{uuid}";
        walk(
                one,
                200,
                demo.api().get("/api/v1/gpus/" + gpus.path(0).path("uuid").asText()));
        walk(one, 404, demo.api().get("/api/v1/gpus/0"));
        admin(demo, "POST /api/v1/gpus/accept", 200, "");
        admin(own, "POST /api/v1/gpus/accept", 409, "");
        strangersAreRefused("POST /api/v1/gpus/accept", "/api/v1/gpus/accept");
        String release = "POST /api/v1/gpus/release";
        admin(demo, release, "/api/v1/gpus/release?for=0s", 200, SidecarApi.JSON, "");
        admin(demo, release, "/api/v1/gpus/release?for=long", 400, SidecarApi.JSON, "");
        strangersAreRefused(release, "/api/v1/gpus/release");
    }

    @Test
    @Order(5)
    void rules() {
        String yaml = "application/yaml";
        String source = get(demo, "/api/v1/rules/source", 200).text();
        get(demo, "/api/v1/rules", 200);
        get(own, "/api/v1/rules", 200);
        get(demo, "/api/v1/rules/schema", 200);
        try (RunningSidecar first = RunningSidecar.with().start()) {
            admin(first, "POST /api/v1/rules/rollback", 409, "");
        }
        String put = "PUT /api/v1/rules/source";
        String at = "/api/v1/rules/source";
        admin(demo, put, at + "?dry_run=true&replay=1m", 200, yaml, source);
        admin(demo, put, at, 200, yaml, "# again\n" + source);
        admin(demo, put, at, 422, yaml, "version: 1\nrules: {x: {signal: nothing}}\n");
        walk(
                put,
                412,
                demo.api()
                        .send(
                                "PUT",
                                at,
                                source,
                                "Content-Type",
                                yaml,
                                "If-Match",
                                "\"other\"",
                                "Authorization",
                                "Bearer " + demo.api().adminToken()));
        get(demo, "/api/v1/rules/versions", 200);
        admin(demo, "POST /api/v1/rules/rollback", 200, "{\"version\":1}");
        admin(demo, "POST /api/v1/rules/rollback", 404, "{\"version\":99}");
        post("/api/v1/rules/check", 200, yaml, source);
        walk("POST /api/v1/rules/check", 200, demo.api().post("/api/v1/rules/check?replay=1m", yaml, source));
        post("/api/v1/rules/check", 422, yaml, "version: 2\n");
        get(demo, "/api/v1/rules/backtest", 200);
        String backtest = "POST /api/v1/rules/backtest";
        walk(backtest, 200, demo.api().post("/api/v1/rules/backtest?from=-5m", yaml, source));
        walk(backtest, 400, demo.api().post("/api/v1/rules/backtest?from=-200d", yaml, source));
        post("/api/v1/rules/backtest", 422, yaml, "version: 2\n");
        admin(own, "POST /-/reload", 200, "");
        strangersAreRefused("POST /-/reload", "/-/reload");
        own.rewriteRules("version: 2\n");
        admin(own, "POST /-/reload", 422, "");
        own.rewriteRules(RULES);
    }

    @Test
    @Order(6)
    void alertsAndWhoIsTold() {
        String id = Await.value(
                        "an alert fires: " + demo.log(),
                        PATIENCE,
                        () -> get(demo, "/api/v1/alerts", 200, "state", "firing,pending"),
                        answer -> answer.text().contains("\"firing\""))
                .json()
                .path("alerts")
                .path(0)
                .path("id")
                .asText();
        get(demo, "/api/v1/alerts", 200, "from", "-1h");
        get(demo, "/api/v1/alerts", 400, "tier", "P9");
        walk("GET /api/v1/alerts/{id}", 200, demo.api().get("/api/v1/alerts/" + id));
        walk("GET /api/v1/alerts/{id}", 404, demo.api().get("/api/v1/alerts/none"));
        String ack = "POST /api/v1/alerts/{id}/ack";
        admin(demo, ack, "/api/v1/alerts/" + id + "/ack", 200, SidecarApi.JSON, "{\"by\":\"ada\"}");
        admin(demo, ack, "/api/v1/alerts/" + id + "/ack", 400, SidecarApi.JSON, "{\"bye\":\"ada\"}");
        admin(demo, ack, "/api/v1/alerts/none/ack", 404, SidecarApi.JSON, "{}");
        strangersAreRefused(ack, "/api/v1/alerts/" + id + "/ack");
        get(demo, "/api/v1/alerts", 200);
        Await.until(
                "a delivery",
                PATIENCE,
                () -> get(demo, "/api/v1/notifications", 200).text().contains("delivered"));
        String test = "POST /api/v1/receivers/{name}/test";
        admin(demo, test, "/api/v1/receivers/console/test", 200, SidecarApi.JSON, "");
        admin(demo, test, "/api/v1/receivers/nobody/test", 404, SidecarApi.JSON, "");
        strangersAreRefused(test, "/api/v1/receivers/console/test");
        silences();
    }

    private void silences() {
        String body =
                "{\"match\":{\"model\":[\"a\",\"b*\"],\"tier\":\"P1\"},\"until\":\"+1h\",\"by\":\"ada\",\"why\":\"test\"}";
        String add = "POST /api/v1/silences";
        String id = admin(own, add, 201, body).json().path("id").asText();
        admin(own, add, 400, "{\"match\":{}}");
        strangersAreRefused(add, "/api/v1/silences");
        JsonNode all = get(own, "/api/v1/silences", 200).json().path("silences");
        String ofFile = all.path(1).path("id").asText();
        String end = "DELETE /api/v1/silences/{id}";
        admin(own, end, "/api/v1/silences/" + ofFile, 409, SidecarApi.JSON, "");
        admin(own, end, "/api/v1/silences/" + id, 204, SidecarApi.JSON, "");
        admin(own, end, "/api/v1/silences/none", 404, SidecarApi.JSON, "");
        strangersAreRefused(end, "/api/v1/silences/" + id);
    }

    @Test
    @Order(7)
    void whatIsStreamed() {
        assertThat(events.of("window")).isNotEmpty();
        assertThat(events.of("gpu")).isNotEmpty();
        Await.until("an alert is streamed", PATIENCE, () -> !events.of("alert").isEmpty());
        Await.until("the deploy is streamed", PATIENCE, () -> !events.of("mark").isEmpty());
        Map.of("window", "StreamedWindow", "gpu", "StreamedGpus", "alert", "Alert", "mark", "Event")
                .forEach((name, schema) ->
                        events.of(name).forEach(data -> faults.addAll(DOCUMENT.faults(schema, data))));
        walked.add("GET /api/v1/stream 200");
    }

    @Test
    @Order(7)
    void backup() {
        admin(own, "POST /api/v1/backup", 200, "");
        strangersAreRefused("POST /api/v1/backup", "/api/v1/backup");
    }

    /** Last: what the others walked. */
    @Test
    @Order(8)
    void everyAnswerDescribed_wasWalked_andNoneWasOtherwise() {
        Set<String> left = new TreeSet<>(DOCUMENT.answers());
        left.removeAll(walked);
        left.removeAll(NOT_WALKED.keySet());
        left.removeIf(answer -> ELSEWHERE.contains(answer.substring(answer.lastIndexOf(' ') + 1)));

        assertThat(faults.stream().distinct()).isEmpty();
        assertThat(left).isEmpty();
    }
}
