package io.inferwatch.api.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.api.config.ConfigReader;
import io.inferwatch.api.config.Configuration;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The rules file as it is changed through the API of a whole sidecar in this process. */
class RuleSourceTest {
    @TempDir
    Path folder;

    private final HttpClient client = HttpClient.newHttpClient();
    private Path file;
    private Sidecar sidecar;

    private static String rules(String name) {
        return """
                version: 1
                receivers: {say: {type: console}}
                routes: [{to: [say]}]
                signals: {ttft: {metric: llm.ttft, agg: p95, over: 5m, by: [model], unit: ms}}
                rules: {%s: {signal: ttft, tiers: {P2: {above: 500ms}}}}
                tests:
                  - name: fires
                    rule: %s
                    input: [{signal: ttft, labels: {model: m}, values: 600x3}]
                    expect: [{at: 1m, state: firing, tier: P2}]
                """.formatted(name, name);
    }

    @BeforeEach
    void start() throws IOException {
        file = Files.writeString(folder.resolve("rules.yml"), rules("first"));
        open();
    }

    private void open() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("data.dir", folder.resolve("data").toString());
        settings.put("rules.file", file.toString());
        settings.put("http.port", "0");
        settings.put("gpu.enabled", "false");
        Configuration configuration = ConfigReader.read(Optional.empty(), Map.of(), settings);
        sidecar = Sidecar.start(configuration, Sidecar.Options.of(Map.of()));
    }

    @AfterEach
    void stop() {
        sidecar.close();
        client.close();
    }

    private HttpResponse<String> call(String method, String path, String body, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(sidecar.address() + "/api/v1/rules" + path))
                .header(
                        "Authorization",
                        "Bearer "
                                + Files.readString(folder.resolve("data/admin.token"))
                                        .strip())
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        if (!body.isEmpty()) {
            request.header("Content-Type", body.startsWith("{") ? "application/json" : "application/yaml");
        }
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private String tag() throws Exception {
        return call("GET", "/source", "").headers().firstValue("ETag").orElseThrow();
    }

    @Test
    void rightRules_areInForceAndInTheFile() throws Exception {
        HttpResponse<String> answer = call("PUT", "/source", rules("second"), "If-Match", tag());

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).contains("\"version\":2");
        assertThat(file).hasContent(rules("second"));
        assertThat(call("GET", "/source", "").body()).isEqualTo(rules("second"));
        assertThat(tag()).isEqualTo(answer.headers().firstValue("ETag").orElseThrow());
        try (var left = Files.list(folder)) {
            assertThat(left.map(Path::getFileName).map(Path::toString)).containsExactlyInAnyOrder("rules.yml", "data");
        }
    }

    @Test
    void wrongRules_andThoseWhoseTestsFail_changeNothing() throws Exception {
        for (String wrong : new String[] {
            rules("second").replace("llm.ttft", "llm.tfft"), rules("second").replace("600x3", "400x3")
        }) {
            HttpResponse<String> answer = call("PUT", "/source", wrong);
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(422);
            assertThat(answer.body()).contains("\"line\":");
        }
        assertThat(call("GET", "/source", "").body()).isEqualTo(rules("first"));
        assertThat(file).hasContent(rules("first"));
    }

    @Test
    void dryRun_tellsWhatWouldChange_andChangesNothing() throws Exception {
        HttpResponse<String> answer = call("PUT", "/source?dry_run=true", rules("second"));

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).contains("\"added\":[\"second\"]", "\"removed\":[\"first\"]", "\"changed\":[]");
        assertThat(call("PUT", "/source?dry_run=true", rules("first") + "# moved\n")
                        .body())
                .contains("\"added\":[]", "\"changed\":[]");
        assertThat(file).hasContent(rules("first"));
        assertThat(call("PUT", "/source?dry_run=yes", rules("second")).statusCode())
                .isEqualTo(400);
    }

    @Test
    void whoeverComesSecond_isTold() throws Exception {
        String read = tag();
        assertThat(call("PUT", "/source", rules("second"), "If-Match", read).statusCode())
                .isEqualTo(200);

        HttpResponse<String> late = call("PUT", "/source", rules("third"), "If-Match", read);
        assertThat(late.statusCode()).as(late.body()).isEqualTo(412);
        assertThat(file).hasContent(rules("second"));
    }

    @Test
    void readOnlyFile_isAConflict() throws Exception {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));

        HttpResponse<String> answer = call("PUT", "/source", rules("second"));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(409);
        assertThat(answer.body()).contains("read-only", "ConfigMap");
        assertThat(file).hasContent(rules("first"));
    }

    @Test
    void rollsBack_toTheLastOne_andToAnyOfTheLastTen() throws Exception {
        for (int i = 2; i <= 12; i++) {
            assertThat(call("PUT", "/source", rules("rule_" + i)).statusCode()).isEqualTo(200);
        }
        assertThat(call("POST", "/rollback", "").statusCode()).isEqualTo(200);
        assertThat(file).hasContent(rules("rule_11"));

        HttpResponse<String> fifth = call("POST", "/rollback", "{\"version\": 5}");
        assertThat(fifth.statusCode()).as(fifth.body()).isEqualTo(200);
        assertThat(file).hasContent(rules("rule_5"));
        assertThat(call("GET", "/source", "").body()).isEqualTo(rules("rule_5"));
        assertThat(call("POST", "/rollback?version=1", "").statusCode()).isEqualTo(404);
        assertThat(call("GET", "/versions", "").body()).contains("\"version\":14", "\"running\":true");
    }

    @Test
    void afterARestart_earlierVersionsAreStillThere() throws Exception {
        call("PUT", "/source", rules("second"));
        call("PUT", "/source", rules("third"));
        sidecar.close();
        open();

        assertThat(call("GET", "/versions", "").body()).contains("\"version\":3", "\"version\":1");
        assertThat(call("POST", "/rollback", "").statusCode()).isEqualTo(200);
        assertThat(file).hasContent(rules("second"));
    }

    @Test
    void builtInPack_canBeGoneBackTo() throws Exception {
        HttpResponse<String> answer = call("POST", "/rollback?version=0", "");

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(file).content().contains("include: [builtin]");
        assertThat(call("POST", "/check", Files.readString(file)).body())
                .contains("\"added\":[]", "\"removed\":[]", "\"changed\":[]");
    }
}
