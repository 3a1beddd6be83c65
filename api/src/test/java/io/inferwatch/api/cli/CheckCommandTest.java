package io.inferwatch.api.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckCommandTest {
    private static final String RULES = """
            version: 1
            receivers:
              pager: {type: pagerduty, routing_key: 0123456789abcdef0123456789abcdef}
            routes:
              - {to: [pager], wait: 30s}
            signals:
              queue: {metric: llm.waiting, agg: avg, over: 5m, by: [server]}
            rules:
              queue_long:
                signal: queue
                clear_for: 2m
                tiers: {P2: {above: 10, for: 3m, clear_below: 8}}
            tests:
              - name: is told
                rule: queue_long
                input: [{signal: queue, labels: {server: a}, values: "20x6 1x20"}]
                expect: [{at: 20m, sent: {pager: [P2 trigger, resolve]}}]
            """;

    @TempDir
    Path folder;

    private final PrintStream stdout = System.out;
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @AfterEach
    void giveBack() {
        System.setOut(stdout);
    }

    private int check(String rules, String... options) throws IOException {
        Path file = Files.writeString(folder.resolve("rules.yml"), rules);
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        String[] words = new String[options.length + 2];
        words[0] = "check";
        System.arraycopy(options, 0, words, 1, options.length);
        words[words.length - 1] = file.toString();
        return InferwatchCommand.execute(words);
    }

    @Test
    void isRight_whenTheReceiversAreSentWhatATestExpects() throws IOException {
        assertThat(check(RULES)).isZero();
        assertThat(printed.toString(StandardCharsets.UTF_8)).contains("ok: ");
    }

    @Test
    void isWrong_whenTheyAreSentSomethingElse() throws IOException {
        assertThat(check(RULES.replace("[P2 trigger, resolve]", "[P1 trigger, resolve]")))
                .isEqualTo(InferwatchCommand.WRONG);
        assertThat(printed.toString(StandardCharsets.UTF_8))
                .contains("pager was sent [P2 trigger, resolve], not [P1 trigger, resolve]");
    }

    @Test
    void printsTheRulesAloneAndNoSecret_whenAskedTo() throws IOException {
        assertThat(check(RULES, "--print")).isZero();
        assertThat(printed.toString(StandardCharsets.UTF_8))
                .startsWith("version: 1\n")
                .contains("queue_long:", "routing_key: \"<hidden>\"")
                .doesNotContain("0123456789abcdef", "ok: ");
    }

    @Test
    void aConfigurationIsCheckedAsOne() throws IOException {
        assertThat(check("""
                servers:
                  - {name: llama-70b, scrape: "http://127.0.0.1:8000/metrics", gpus: auto}
                http: {port: 9500}
                """)).isZero();
        assertThat(printed.toString(StandardCharsets.UTF_8)).startsWith("ok: ");
    }

    @Test
    void everythingWrongWithAConfigurationIsSaid_withItsLine() throws IOException {
        assertThat(check("http: {prot: 1}\njournal: {akc: strict}\n")).isEqualTo(1);
        assertThat(printed.toString(StandardCharsets.UTF_8))
                .contains("rules.yml:1", "http.prot", "http.port", "rules.yml:2", "journal.ack");
        printed.reset();
        assertThat(check("http: {prot: 1}\n", "-o", "json")).isEqualTo(1);
        assertThat(printed.toString(StandardCharsets.UTF_8))
                .startsWith("{\"ok\":false,")
                .contains("\"severity\":\"error\"", "http.prot");
    }

    @Test
    void tellsABuildWhereEachProblemIs_asJson() throws IOException {
        assertThat(check(RULES.replace("llm.waiting", "llm.wating"), "-o", "json"))
                .isEqualTo(InferwatchCommand.WRONG);
        assertThat(printed.toString(StandardCharsets.UTF_8))
                .startsWith("{\"ok\":false,")
                .contains("\"severity\":\"error\"", "\"line\":7,", "\"hint\":\"did you mean \\\"llm.waiting\\\"?\"");
        printed.reset();
        assertThat(check(RULES, "-o", "json")).isZero();
        assertThat(printed.toString(StandardCharsets.UTF_8)).contains("\"ok\":true", "\"problems\":[]");
    }
}
