package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.Launcher;
import io.inferwatch.system.support.RequestRecord;
import io.inferwatch.system.support.RunningSidecar;
import io.inferwatch.system.support.Traffic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands, exit codes, signals and what is said on the console. */
class CommandLineTest {
    private static final String GOOD_RULES = """
            version: 1
            receivers: {say: {type: console}}
            routes: [{match: {tier: P2}, to: [say]}]
            signals:
              ttft_p95: {metric: llm.ttft, agg: p95, over: 5m, by: [model], unit: ms, min_samples: 5}
            rules:
              ttft_slow: {signal: ttft_p95, tiers: {P2: {above: 500ms, for: 1m, clear_below: 400ms}}}
            tests:
              - name: slow fires
                rule: ttft_slow
                step: 1m
                input: [{signal: ttft_p95, labels: {model: m}, values: "100x2 900x5"}]
                expect: [{at: 1m, state: ok}, {at: 5m, state: firing, tier: P2}]
            """;

    @Test
    void version_isSaid(@TempDir Path folder) {
        Launcher.Ended ended = run(folder, "version");

        assertThat(ended.exitCode()).as(ended.all()).isZero();
        assertThat(ended.out()).contains("0.1.0");
    }

    @Test
    void check_isContentWithGoodRules(@TempDir Path folder) throws IOException {
        Launcher.Ended ended = check(folder, GOOD_RULES);

        assertThat(ended.exitCode()).as(ended.all()).isZero();
    }

    @Test
    void check_saysEverythingThatIsWrong_withPositionAndHint(@TempDir Path folder) throws IOException {
        Launcher.Ended ended = check(folder, """
                version: 1
                signals:
                  ttft_p95: {metric: llm.tftt, agg: p95, over: 5m, by: [model], unit: ms}
                  hot: {metric: gpu.temperature, agg: max, over: 1m, by: [gpu], unit: C}
                rules:
                  ttft_slow: {signal: ttft_p59, tiers: {P2: {above: 500ms}}}
                  gpu_hot:
                    signal: hot
                    tiers:
                      P1: {above: 90ms}
                  twice: {signal: hot, tires: {P1: {above: 90C}}}
                """);

        assertThat(ended.exitCode()).as(ended.all()).isEqualTo(1);
        assertThat(ended.all())
                .contains("rules.yml:3:")
                .contains("\"llm.ttft\"")
                .contains("rules.yml:6:")
                .contains("ttft_p95")
                .contains("rules.yml:10:")
                .contains("gpu_hot.tiers.P1.above")
                .contains("\"ms\"")
                .contains("rules.yml:11:")
                .contains("tiers");
    }

    @Test
    void check_failsOnAnInlineTestThatFails(@TempDir Path folder) throws IOException {
        Launcher.Ended ended = check(folder, GOOD_RULES.replace("state: firing, tier: P2", "state: ok"));

        assertThat(ended.exitCode()).as(ended.all()).isEqualTo(1);
        assertThat(ended.all()).contains("slow fires");
    }

    @Test
    void check_ofNoFile_isAUsageError(@TempDir Path folder) {
        assertThat(run(folder, "check").exitCode()).isEqualTo(2);
        assertThat(run(folder, "check", folder + "/none.yml").exitCode()).isEqualTo(2);
    }

    @Test
    void unknownCommandOrFlag_isAUsageError(@TempDir Path folder) {
        assertThat(run(folder, "rnu").exitCode()).isEqualTo(2);
        assertThat(run(folder, "run", "--prot", "9").exitCode()).isEqualTo(2);
    }

    @Test
    void unknownConfigurationKey_isRefusedWithLineAndNearestName(@TempDir Path folder) throws IOException {
        Path config =
                Files.writeString(folder.resolve("inferwatch.yml"), "data: {dir: ./data}\njournal:\n  akc: strict\n");
        Launcher.Ended ended = run(folder, "run", "--config", config.toString());

        assertThat(ended.exitCode()).as(ended.all()).isEqualTo(2);
        assertThat(ended.all())
                .contains("inferwatch.yml:3")
                .contains("journal.akc")
                .contains("journal.ack");
        assertThat(ended.all()).as("no stack trace").doesNotContain("\tat ");
    }

    @Test
    void missingConfigurationFile_isRefused(@TempDir Path folder) {
        Launcher.Ended ended = run(folder, "run", "--config", folder + "/none.yml");

        assertThat(ended.exitCode()).as(ended.all()).isEqualTo(2);
        assertThat(ended.all()).contains("none.yml");
    }

    /** Kubernetes injects INFERWATCH_PORT=tcp://… into every pod beside a service called inferwatch. */
    @Test
    void strangeEnvironmentVariables_areOneWarningEach() {
        try (RunningSidecar sidecar = RunningSidecar.with()
                .environment("INFERWATCH_PORT", "tcp://10.0.0.7:9477")
                .environment("INFERWATCH_JOURNAL_SYNC_EVERY", "often")
                .environment("INFERWATCH_JOURNAL_ACK", "strict")
                .start()) {
            sidecar.awaitLog("inferwatch ready"); // the last line of a start
            assertThat(linesWith(sidecar, "INFERWATCH_PORT")).hasSize(1);
            assertThat(linesWith(sidecar, "INFERWATCH_JOURNAL_SYNC_EVERY")).hasSize(1);
            assertThat(sidecar.api()
                            .push(new Traffic(1, "e").take(1, 1, "chat"))
                            .path("durability")
                            .asText())
                    .isEqualTo("strict");
        }
    }

    @Test
    void flagBeatsEnvironment_whichBeatsTheFile() {
        try (RunningSidecar sidecar = RunningSidecar.with()
                .config("http: {port: 1}\nhost_id: from-file\n")
                .environment("INFERWATCH_HTTP_PORT", "2")
                .environment("INFERWATCH_HOST_ID", "from-environment")
                .start()) {
            sidecar.api().push(new Traffic(1, "f").take(1, 1, "chat"));

            Await.until(
                    "visible",
                    Duration.ofSeconds(5),
                    () -> sidecar.api()
                            .get("/api/v1/percentiles", "metric", "llm.ttft", "by", "host")
                            .text()
                            .contains("\"from-environment\""));
        }
    }

    @Test
    void readyLine_saysWhatServes() {
        try (RunningSidecar sidecar = RunningSidecar.with().start()) {
            sidecar.awaitLog("inferwatch ready");
            assertThat(sidecar.log())
                    .containsPattern("inferwatch ready on http://127\\.0\\.0\\.1:" + sidecar.port()
                            + " · gpus: .+ · rules: \\d+ · data: " + sidecar.data());
            assertThat(sidecar.figures().listensOn())
                    .as("nothing else listens")
                    .containsExactly("loopback:" + sidecar.port());
        }
    }

    @Test
    void secondProcessOnTheSameData_exits3AndNamesTheHolder() {
        try (RunningSidecar sidecar = RunningSidecar.with().start()) {
            Launcher.Ended second = run(
                    sidecar.folder(),
                    "run",
                    "--data",
                    sidecar.data().toString(),
                    "--port",
                    "" + RunningSidecar.freePort());

            assertThat(second.exitCode()).as(second.all()).isEqualTo(3);
            assertThat(second.all()).contains("" + sidecar.figures().pid());
            assertThat(sidecar.api()
                            .push(new Traffic(1, "s").take(5, 1, "chat"))
                            .path("accepted")
                            .asInt())
                    .as("the first goes on")
                    .isEqualTo(5);
        }
    }

    @Test
    void portInUse_exits2AndSaysSo() {
        try (RunningSidecar sidecar = RunningSidecar.with().start()) {
            Launcher.Ended second =
                    run(sidecar.folder(), "run", "--data", sidecar.folder() + "/other", "--port", "" + sidecar.port());

            assertThat(second.exitCode()).as(second.all()).isEqualTo(2);
            assertThat(second.all()).contains("" + sidecar.port()).doesNotContain("\tat ");
        }
    }

    @Test
    void sigterm_drainsAndExits0() {
        try (RunningSidecar sidecar = RunningSidecar.with().start()) {
            List<RequestRecord> records = new Traffic(7, "t").take(2_000, 2, "drained");
            sidecar.api().push(records);

            assertThat(sidecar.terminate()).as(sidecar.logTail(2000)).isZero();

            sidecar.start();
            assertThat(sidecar.api()
                            .read("/api/v1/percentiles", "metric", "llm.ttft", "where", "route:drained")
                            .path("series")
                            .path(0)
                            .path("count")
                            .asInt())
                    .as("all there at once after the restart")
                    .isEqualTo(2_000);
        }
    }

    @Test
    void secondSigterm_endsItAtOnce() {
        try (RunningSidecar sidecar = RunningSidecar.with().start()) {
            sidecar.signal("TERM");
            if (sidecar.isAlive()) {
                sidecar.signal("TERM");
            }
            sidecar.awaitEnd(Duration.ofSeconds(30));
        }
    }

    @Test
    void query_showsPercentilesOfARunningSidecar() {
        try (RunningSidecar sidecar = RunningSidecar.with().start()) {
            sidecar.api().push(new Traffic(9, "q").take(100, 1, "chat"));
            Await.until(
                    "visible",
                    Duration.ofSeconds(5),
                    () -> !sidecar.api()
                            .read("/api/v1/percentiles", "metric", "llm.ttft")
                            .path("series")
                            .isEmpty());
            Launcher.Ended ended =
                    run(sidecar.folder(), "query", "llm.ttft", "--by", "model", "--port", "" + sidecar.port());

            assertThat(ended.exitCode()).as(ended.all()).isZero();
            assertThat(ended.out()).contains("model-0").contains("p99");
            Launcher.Ended optionFirst = run(sidecar.folder(), "--port", "" + sidecar.port(), "query", "llm.ttft");
            assertThat(optionFirst.exitCode()).as(optionFirst.all()).isZero();
            assertThat(optionFirst.out()).contains("p99");
        }
    }

    @Test
    void query_withoutASidecar_saysSo(@TempDir Path folder) {
        Launcher.Ended ended = run(folder, "query", "llm.ttft", "--port", "" + RunningSidecar.freePort());

        assertThat(ended.exitCode()).as(ended.all()).isEqualTo(3);
        assertThat(ended.all()).doesNotContain("\tat ");
    }

    private static List<String> linesWith(RunningSidecar sidecar, String part) {
        return sidecar.log().lines().filter(line -> line.contains(part)).toList();
    }

    private static Launcher.Ended check(Path folder, String rules) throws IOException {
        return run(
                folder,
                "check",
                Files.writeString(folder.resolve("rules.yml"), rules).toString());
    }

    private static Launcher.Ended run(Path folder, String... arguments) {
        return Launcher.run(folder, Map.of(), arguments);
    }
}
