package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.inferwatch.system.support.Answer;
import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.RunningSidecar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Rules change while it runs: by a changed file, by SIGHUP, by a call; what is wrong never replaces what runs. */
class ReloadTest {
    private static final Duration TAKEN = Duration.ofSeconds(10);

    private static RunningSidecar sidecar;

    @BeforeAll
    static void start() {
        sidecar = RunningSidecar.with().rules(rules("first")).start();
    }

    @AfterAll
    static void stop() {
        sidecar.close();
    }

    private static String rules(String name) {
        return """
                version: 1
                receivers: {say: {type: console}}
                routes: [{match: {tier: P2}, to: [say]}]
                signals:
                  ttft_p95: {metric: llm.ttft, agg: p95, over: 5m, by: [model], unit: ms, min_samples: 5}
                rules:
                  %s: {signal: ttft_p95, tiers: {P2: {above: 500ms, clear_below: 400ms}}}
                """.formatted(name);
    }

    @Test
    void changedFile_isTaken() {
        sidecar.rewriteRules(rules("by_file_watch"));

        Await.until("the file watch", TAKEN, () -> isInForce("by_file_watch"));
    }

    @Test
    void sighup_reloads() throws IOException {
        assumeFalse(isHangUpIgnored(), "started with SIGHUP ignored, as by nohup: the sidecar inherits that");
        try (RunningSidecar unwatched = RunningSidecar.with()
                .config("rules: {watch: false}\n")
                .rules(rules("first"))
                .start()) {
            unwatched.rewriteRules(rules("by_signal"));
            unwatched.signal("HUP");

            Await.until(
                    "SIGHUP",
                    TAKEN,
                    () -> unwatched.api().get("/api/v1/rules").text().contains("\"by_signal\""));
        }
    }

    /** The signals that are ignored, as proc(5) tells them: a bit each, SIGHUP the lowest. */
    private static boolean isHangUpIgnored() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 1) == 1);
    }

    @Test
    void reloadCall_saysWhatIsInForce() {
        sidecar.rewriteRules(rules("by_call"));
        Answer answer = reload();

        assertThat(answer.status()).as("%s", answer).isEqualTo(200);
        awaitInForce("by_call");
    }

    @Test
    void brokenRules_keepTheRunningSet() {
        takeUp("kept");
        sidecar.rewriteRules(rules("broken").replace("llm.ttft", "llm.tftt"));
        Answer answer = reload();

        assertThat(answer.status()).as("%s", answer).isEqualTo(422);
        assertThat(answer.isProblem()).isTrue();
        assertThat(answer.json().path("errors").path(0).path("line").asInt())
                .as("%s", answer)
                .isEqualTo(5);
        assertThat(answer.text()).contains("llm.ttft");
        awaitInForce("kept");
        assertThat(isInForce("broken")).isFalse();
        assertThat(sidecar.api().isReady()).isTrue();
    }

    @Test
    void rulesWhoseTestsFail_keepTheRunningSet() {
        takeUp("kept_by_test");
        sidecar.rewriteRules(rules("failing_test") + """
                tests:
                  - name: never true
                    rule: failing_test
                    step: 1m
                    input: [{signal: ttft_p95, labels: {model: m}, values: "100x5"}]
                    expect: [{at: 3m, state: firing, tier: P2}]
                """);
        Answer answer = reload();

        assertThat(answer.status()).as("%s", answer).isEqualTo(422);
        assertThat(answer.text()).contains("never true");
        awaitInForce("kept_by_test");
    }

    @Test
    void halfWrittenFile_isNotTaken() {
        takeUp("whole");
        String next = rules("half");
        sidecar.rewriteRules(next.substring(0, next.length() - 30));
        Answer answer = reload();

        assertThat(answer.status()).as("%s", answer).isEqualTo(422);
        awaitInForce("whole");
    }

    @Test
    void source_isTheFileInForce() {
        sidecar.rewriteRules(rules("shown"));
        assertThat(reload().status()).isEqualTo(200);

        assertThat(sidecar.api().get("/api/v1/rules/source").text()).isEqualTo(rules("shown"));
    }

    private static void takeUp(String rule) {
        sidecar.rewriteRules(rules(rule));
        assertThat(reload().status()).isEqualTo(200);
        awaitInForce(rule);
    }

    private static Answer reload() {
        return sidecar.api()
                .send(
                        "POST",
                        "/-/reload",
                        "",
                        "Authorization",
                        "Bearer " + sidecar.api().adminToken());
    }

    /** Rules are swapped at a tick, so it may take one until they are shown. */
    private static void awaitInForce(String rule) {
        Await.until(rule + " in force", TAKEN, () -> isInForce(rule));
    }

    private static boolean isInForce(String rule) {
        return sidecar.api().get("/api/v1/rules").text().contains("\"" + rule + "\"");
    }
}
