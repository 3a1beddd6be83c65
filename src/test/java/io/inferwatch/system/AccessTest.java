package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.system.support.Answer;
import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.Launcher;
import io.inferwatch.system.support.RunningSidecar;
import io.inferwatch.system.support.SidecarApi;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may call what: host names, content types, cross-site calls, tokens, listeners. */
class AccessTest {
    private static final Pattern INSECURE =
            Pattern.compile("(?m)^inferwatch_[a-z_]*plaintext[a-z_]*(\\{.*})? 1(\\.0)?$");
    private static final String RECORD = "{\"model\":\"m\",\"ttft_ms\":1}";
    private static int statusPort;

    private static RunningSidecar sidecar;

    @BeforeAll
    static void start() {
        statusPort = RunningSidecar.freePort();
        sidecar = RunningSidecar.with()
                .config("http: {allowed_hosts: [metrics.internal], status: {listen: \"127.0.0.1:%d\"}}\n"
                        .formatted(statusPort))
                .start();
    }

    @AfterAll
    static void stop() {
        sidecar.close();
    }

    @ParameterizedTest
    @CsvSource({
        "localhost,200",
        "localhost:9477,200",
        "127.0.0.1,200",
        "127.0.0.1:80,200",
        "[::1]:9477,200",
        "LOCALHOST,200",
        "metrics.internal:1234,200",
        "evil.example,421",
        "127.0.0.1.evil.example,421",
        "localhost.evil.example:9477,421",
        "192.168.0.7,421",
        "metrics.internal.evil,421",
    })
    void hostHeader_isHeldAgainstTheAllowList(String host, int status) {
        assertThat(raw("GET /api/v1/metrics HTTP/1.1", host)).startsWith("HTTP/1.1 " + status);
        assertThat(raw("GET /health/ready HTTP/1.1", host))
                .as("health is exempt")
                .startsWith("HTTP/1.1 200");
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/xml", ""})
    void contentTypeABrowserMaySend_is415NamingTheRightOne(String type) {
        Answer answer = type.isEmpty()
                ? sidecar.api().send("POST", SidecarApi.REQUESTS, RECORD)
                : sidecar.api().send("POST", SidecarApi.REQUESTS, RECORD, "Content-Type", type);

        assertThat(answer.status()).as("%s", answer).isEqualTo(415);
        assertThat(answer.isProblem()).as("%s", answer).isTrue();
        assertThat(answer.text()).contains("application/x-ndjson");
    }

    @ParameterizedTest
    @CsvSource({"cross-site,403", "same-origin,202", "same-site,202", "none,202"})
    void crossSiteCall_isRefused(String site, int status) {
        Answer answer = sidecar.api()
                .send("POST", SidecarApi.REQUESTS, RECORD, "Content-Type", "application/json", "Sec-Fetch-Site", site);

        assertThat(answer.status()).as("%s", answer).isEqualTo(status);
    }

    @Test
    void adminCall_needsTheTokenEvenOnLoopback() {
        Answer without = sidecar.api().send("POST", "/-/reload", "");
        Answer wrong = sidecar.api().send("POST", "/-/reload", "", "Authorization", "Bearer wrong");
        Answer basic = sidecar.api()
                .send(
                        "POST",
                        "/-/reload",
                        "",
                        "Authorization",
                        "Basic " + sidecar.api().adminToken());
        Answer right = sidecar.api()
                .send(
                        "POST",
                        "/-/reload",
                        "",
                        "Authorization",
                        "Bearer " + sidecar.api().adminToken());

        assertThat(without.status()).as("%s", without).isEqualTo(401);
        assertThat(without.isProblem()).isTrue();
        assertThat(wrong.status()).as("%s", wrong).isEqualTo(401);
        assertThat(basic.status()).as("%s", basic).isEqualTo(401);
        assertThat(right.status()).as("%s", right).isEqualTo(200);
    }

    @Test
    void adminToken_isLongAndReadableByItsOwnerAlone() throws IOException {
        Path token = sidecar.data().resolve("admin.token");

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(token)))
                .isEqualTo("rw-------");
        assertThat(sidecar.api().adminToken()).hasSizeGreaterThanOrEqualTo(32);
        assertThat(sidecar.log()).doesNotContain(sidecar.api().adminToken());
    }

    @ParameterizedTest
    @CsvSource({
        "GET,/api/v1/nothing,404",
        "GET,/nothing,404",
        "GET,/api/v1/alerts/none,404",
        "GET,/api/v1/gpus/GPU-none,404",
        "DELETE,/api/v1/percentiles,405",
    })
    void unknownRoute_isAProblem(String method, String path, int status) {
        Answer answer = sidecar.api()
                .send(
                        method,
                        path,
                        "",
                        "Authorization",
                        "Bearer " + sidecar.api().adminToken());

        assertThat(answer.status()).as("%s", answer).isEqualTo(status);
        assertThat(answer.isProblem()).as("%s", answer).isTrue();
        assertThat(answer.json().path("instance").asText()).isEqualTo(path);
        assertThat(answer.json().path("title").asText()).isNotEmpty();
    }

    @Test
    void statusListener_showsHealthAndMetricsOnly() throws IOException {
        try (var client = java.net.http.HttpClient.newHttpClient()) {
            assertThat(status(client, "/health/ready")).isEqualTo(200);
            assertThat(status(client, "/-/healthy")).isEqualTo(200);
            assertThat(status(client, "/metrics")).isEqualTo(200);
            assertThat(status(client, "/api/v1/alerts")).isEqualTo(404);
            assertThat(status(client, "/")).isEqualTo(404);
        }
    }

    private static int status(java.net.http.HttpClient client, String path) throws IOException {
        try {
            return client.send(
                            java.net.http.HttpRequest.newBuilder(
                                            java.net.URI.create("http://127.0.0.1:" + statusPort + path))
                                    .build(),
                            java.net.http.HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/health/live", "/health/ready", "/-/healthy", "/-/ready"})
    void health_hasItsAliases(String path) {
        assertThat(sidecar.api().get(path).status()).isEqualTo(200);
    }

    @Test
    void readiness_namesItsParts() {
        var ready = sidecar.api().read("/health/ready");

        assertThat(ready.path("status").asText()).isIn("ready", "degraded");
        assertThat(ready.path("parts").isArray()).as("%s", ready).isTrue();
    }

    @Test
    void tokensOfTheirScope_openThatScopeOnly(@TempDir Path folder) throws IOException {
        Path ingest = Files.writeString(folder.resolve("ingest"), "i".repeat(40) + "\n");
        Path read = Files.writeString(folder.resolve("read"), "r".repeat(40) + "\n");
        Files.setPosixFilePermissions(ingest, PosixFilePermissions.fromString("rw-------"));
        Files.setPosixFilePermissions(read, PosixFilePermissions.fromString("rw-------"));
        try (RunningSidecar guarded = RunningSidecar.with()
                .config("auth: {ingest_token_file: %s, read_token_file: %s}\n".formatted(ingest, read))
                .start()) {
            assertThat(push(guarded, "")).isEqualTo(401);
            assertThat(push(guarded, "r".repeat(40))).isEqualTo(401);
            assertThat(push(guarded, "i".repeat(40))).isEqualTo(202);
            assertThat(push(guarded, guarded.api().adminToken())).isEqualTo(202);
            assertThat(list(guarded, "")).isEqualTo(401);
            assertThat(list(guarded, "i".repeat(40))).isEqualTo(401);
            assertThat(list(guarded, "r".repeat(40))).isEqualTo(200);
            assertThat(guarded.api().get("/health/ready").status()).isEqualTo(200);
            assertThat(guarded.api().get("/").status()).isEqualTo(200);
            assertThat(guarded.api().get("/ui/main.js").status()).isEqualTo(200);
            assertThat(guarded.api()
                            .get("/ui/no.such.js", "token", "r".repeat(40))
                            .status())
                    .isEqualTo(404);
            assertThat(guarded.api().get("/api/v1/stream").status()).isEqualTo(401);
        }
    }

    private static int push(RunningSidecar guarded, String token) {
        return guarded.api()
                .send(
                        "POST",
                        SidecarApi.REQUESTS,
                        RECORD,
                        "Content-Type",
                        "application/json",
                        "Authorization",
                        "Bearer " + token)
                .status();
    }

    private static int list(RunningSidecar guarded, String token) {
        return guarded.api()
                .send("GET", "/api/v1/metrics", "", "Authorization", "Bearer " + token)
                .status();
    }

    @Test
    void addressBeyondThisHost_isRefusedWithoutTokenAndTls(@TempDir Path folder) {
        Launcher.Ended ended = Launcher.run(
                folder,
                Map.of(),
                "run",
                "--data",
                folder + "/data",
                "--host",
                "0.0.0.0",
                "--port",
                "" + RunningSidecar.freePort());

        assertThat(ended.exitCode()).as(ended.all()).isEqualTo(2);
        assertThat(ended.all()).contains("--insecure-plaintext");
    }

    @Test
    void addressBeyondThisHost_isTakenWhenSaidAloud() {
        try (RunningSidecar open = RunningSidecar.with()
                .argument("--host", "0.0.0.0", "--insecure-plaintext")
                .start()) {
            open.awaitLog("plain");
            Await.until(
                    "shown as a metric",
                    Duration.ofSeconds(10),
                    () -> INSECURE.matcher(open.api().get("/metrics").text()).find());
        }
    }

    /** The request line with this Host, over a socket of its own. */
    private static String raw(String requestLine, String host) {
        return sidecar.api().raw(requestLine + "\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
    }
}
