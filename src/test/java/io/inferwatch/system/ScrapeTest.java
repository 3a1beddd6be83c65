package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.FakeModelServer;
import io.inferwatch.system.support.NearestRank;
import io.inferwatch.system.support.RunningSidecar;
import io.inferwatch.system.support.SidecarApi;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model server is read without a line of code from its user, and no answer says more than its buckets do. */
class ScrapeTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String RULES = """
            version: 1
            defaults: {every: 1s}
            signals:
              ttft_over:   {metric: llm.ttft, agg: p95, over: 10m, unit: ms, by: [server]}
              up: {metric: server.up, agg: last, over: 30s, by: [server]}
            rules:
              surely_slow: {signal: ttft_over, tiers: {P2: {above: 500ms}}}
              surely_fast: {signal: ttft_over, tiers: {P2: {above: 5s}}}
              not_known:   {signal: ttft_over, tiers: {P2: {above: 900ms}}}
              down:        {signal: up, tiers: {P0: {below: 1}}}
            """;

    private static JsonNode ttft(SidecarApi api, String... more) {
        String[] query = {"metric", "llm.ttft", "p", "0,50,90,95,99,99.9,100", "from", "-15m"};
        String[] all = java.util.Arrays.copyOf(query, query.length + more.length);
        System.arraycopy(more, 0, all, query.length, more.length);
        return api.read("/api/v1/percentiles", all);
    }

    private static String config(FakeModelServer server) {
        return "servers:\n  - {name: writer, scrape: {url: \"" + server.address() + "\", interval: 1s}}\n";
    }

    private static void awaitRead(SidecarApi api) {
        Await.value(
                "read once",
                SOON,
                () -> api.read("/api/v1/sources").path("sources").path(0),
                source -> source.path("reachable").asBoolean());
    }

    @Test
    void everyTruePercentile_liesInItsBracket_liveAndAfterAKill() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        try (FakeModelServer server = new FakeModelServer();
                RunningSidecar sidecar =
                        RunningSidecar.with().config(config(server)).start()) {
            awaitRead(sidecar.api());
            double[] millis = new double[4_000];
            for (int i = 0; i < millis.length; i++) {
                double seconds = .2 * Math.exp(random.nextGaussian()) * (random.nextInt(50) == 0 ? 40 : 1);
                millis[i] = seconds * 1e3;
                server.served(seconds);
            }
            NearestRank truth = new NearestRank(millis);
            check(seed, sidecar.api(), truth, millis.length);
            sidecar.kill();
            sidecar.start();
            check(seed, sidecar.api(), truth, millis.length);
        }
    }

    private static void check(long seed, SidecarApi api, NearestRank truth, int count) {
        JsonNode series = Await.value(
                "all counted",
                SOON,
                () -> ttft(api).path("series").path(0),
                one -> one.path("count").asInt() == count);
        assertThat(series.path("provenance").asText()).isEqualTo("bucketed");
        assertThat(series.path("observer").asText()).isEqualTo("scrape");
        for (String p : List.of("0", "50", "90", "95", "99", "99.9", "100")) {
            JsonNode bracket = series.path("percentiles").path("p" + p);
            double exact = truth.at(p);
            assertThat(bracket.path("lo").asDouble())
                    .as("p%s, seed %d", p, seed)
                    .isLessThanOrEqualTo(exact);
            assertThat(bracket.path("hi").isNull() || bracket.path("hi").asDouble() >= exact)
                    .as("p%s of %s in %s, seed %d", p, exact, bracket, seed)
                    .isTrue();
        }
        JsonNode share = api.read("/api/v1/share", "metric", "llm.ttft", "above", "500ms", "from", "-15m");
        assertThat(share.path("series").path(0).path("share").isNumber())
                .as("at a bound the share is known: %s", share)
                .isTrue();
    }

    @Test
    void levelsAndSources_areTold_andAServerThatDies_isDown() {
        FakeModelServer server = new FakeModelServer();
        try (RunningSidecar sidecar =
                RunningSidecar.with().config(config(server)).rules(RULES).start()) {
            SidecarApi api = sidecar.api();
            awaitRead(api);
            for (int i = 0; i < 100; i++) {
                server.served(i % 2 == 0 ? .8 : .95);
            }
            Await.value(
                    "a p95 between 0.75 s and 1 s",
                    SOON,
                    () -> ttft(api),
                    answer -> answer.path("series").path(0).path("count").asInt() == 100);
            JsonNode source = api.read("/api/v1/sources").path("sources").path(0);
            assertThat(source.path("engines").path(0).asText()).isEqualTo("vllm");
            assertThat(source.path("understood").path("llm.ttft").asText())
                    .isEqualTo("vllm:time_to_first_token_seconds");
            assertThat(api.read("/api/v1/windows", "metric", "llm.running", "agg", "last")
                            .path("series")
                            .path(0)
                            .path("value")
                            .asDouble())
                    .isEqualTo(3);
            Await.until(
                    "the rule that is surely true fires",
                    SOON,
                    () -> firing(api).contains("surely_slow"));
            assertThat(firing(api)).doesNotContain("surely_fast", "not_known");
            server.close();
            Await.until("a server that is gone is down", SOON, () -> firing(api).contains("down"));
            Await.value(
                    "why it is not reached",
                    SOON,
                    () -> api.read("/api/v1/sources").path("sources").path(0),
                    gone -> gone.path("problem").asText().contains("connection refused"));
        } finally {
            server.close();
        }
    }

    private static List<String> firing(SidecarApi api) {
        return api.read("/api/v1/alerts", "state", "firing").path("alerts").findValuesAsText("rule").stream()
                .sorted()
                .toList();
    }

    @Test
    void serversInFiles_comeAndGoWithThem(@TempDir Path folder) throws IOException {
        try (FakeModelServer server = new FakeModelServer();
                RunningSidecar sidecar = RunningSidecar.with()
                        .config("servers: [{files: \"" + folder + "/*.yml\"}]\n")
                        .start()) {
            SidecarApi api = sidecar.api();
            assertThat(api.read("/api/v1/sources").path("sources")).isEmpty();
            Path file = folder.resolve("writer.yml");
            Files.writeString(file, config(server));
            awaitRead(api);
            Files.delete(file);
            Await.until(
                    "nothing is read any more",
                    SOON,
                    () -> api.read("/api/v1/sources").path("sources").isEmpty());
        }
    }
}
