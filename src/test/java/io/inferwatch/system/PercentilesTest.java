package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.inferwatch.system.support.Answer;
import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.ExactCheck;
import io.inferwatch.system.support.NearestRank;
import io.inferwatch.system.support.RequestRecord;
import io.inferwatch.system.support.RunningSidecar;
import io.inferwatch.system.support.SidecarApi;
import io.inferwatch.system.support.Traffic;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Percentiles from outside against the sorted list of what was sent, before and after a kill, and after roll-up. */
@Tag("durability")
class PercentilesTest {
    private static final int MODELS = 5;
    private static final Duration PAST = Duration.ofHours(60);
    private static final int BATCH = 5_000;
    private static final Duration SPREAD = Duration.ofMinutes(50);

    @Test
    void percentilesAreThoseOfTheSortedList_liveAndAfterKill() {
        try (RunningSidecar sidecar = RunningSidecar.with().start()) {
            check(sidecar, "H2, live and after kill -9", 200_000);
        }
    }

    @Test
    void percentilesAreThoseOfTheSortedList_onPostgresql(@TempDir Path folder) throws IOException {
        try (EmbeddedPostgres postgres = postgres();
                RunningSidecar sidecar = RunningSidecar.with()
                        .config(postgresConfig(postgres, folder))
                        .start()) {
            check(sidecar, "PostgreSQL, live and after kill -9", 50_000);
        }
    }

    /** Hours of the past are answered from merged windows as well as from fine ones; the numbers are the same. */
    @Test
    void percentilesAreThoseOfTheSortedList_overDaysOfBackfill() {
        try (RunningSidecar sidecar = RunningSidecar.with().start()) {
            SplittableRandom random = new SplittableRandom(20_261_120);
            Instant end = Instant.now().minus(Duration.ofHours(2));
            List<RequestRecord> sent = new Traffic(20_261_120, "past")
                    .take(10_000, 1, "chat").stream()
                            .map(record -> record.at(end.minusMillis(random.nextLong(PAST.toMillis()))))
                            .toList();
            for (int i = 0; i < sent.size(); i += BATCH) {
                Answer answer = sidecar.api()
                        .sendAsAdmin(
                                "POST",
                                SidecarApi.REQUESTS + "?backfill=true",
                                SidecarApi.NDJSON,
                                SidecarApi.ndjson(sent.subList(i, Math.min(sent.size(), i + BATCH))));
                assertThat(answer.status()).as("%s", answer).isEqualTo(202);
            }
            JsonNode whole = Await.value(
                    "all visible",
                    Duration.ofSeconds(20),
                    () -> past(sidecar.api()).path("series").path(0),
                    series -> series.path("count").asInt() == sent.size());
            NearestRank rank = new NearestRank(
                    sent.stream().mapToDouble(RequestRecord::ttftMs).toArray());
            for (String p : List.of("50", "90", "99", "99.9")) {
                assertThat(whole.path("percentiles").path("p" + p).asDouble())
                        .as("p%s", p)
                        .isCloseTo(rank.at(p), Percentage.withPercentage(0.11));
            }
            for (String step : List.of("1m", "10m", "1h")) {
                JsonNode windows =
                        past(sidecar.api(), "step", step).path("series").path(0).path("windows");
                int count = 0;
                for (JsonNode window : windows) {
                    count += window.path("count").asInt();
                }
                assertThat(count).as("samples by %s", step).isEqualTo(sent.size());
            }
        }
    }

    private static JsonNode past(SidecarApi api, String... more) {
        List<String> query =
                new ArrayList<>(List.of("metric", "llm.ttft", "p", "50,90,99,99.9", "from", "-3d", "to", "-1h"));
        query.addAll(List.of(more));
        return api.read("/api/v1/percentiles", query.toArray(String[]::new));
    }

    /** Given more than its ten seconds to come up: a starved machine takes longer. */
    static EmbeddedPostgres postgres() throws IOException {
        return EmbeddedPostgres.builder()
                .setPGStartupWait(Duration.ofMinutes(2))
                .start();
    }

    static String postgresConfig(EmbeddedPostgres postgres, Path folder) throws IOException {
        Path password = Files.writeString(folder.resolve("password"), "postgres");
        return """
                store:
                  url: "jdbc:postgresql://127.0.0.1:%d/postgres"
                  username: postgres
                  password_file: %s
                """.formatted(postgres.getPort(), password);
    }

    private static void check(RunningSidecar sidecar, String what, int count) {
        List<RequestRecord> sent = push(sidecar.api(), count);
        double worst = checkAll(sidecar.api(), sent);
        sidecar.kill();
        sidecar.start();
        worst = Math.max(worst, checkAll(sidecar.api(), sent));
        JsonNode again = sidecar.api().push(sent.subList(sent.size() - 100, sent.size()));
        assertThat(again.path("duplicates").asInt()).as("%s", again).isEqualTo(100);
        System.out.printf(
                "percentiles, %s: %d records, worst relative error %.4f %%, ready again in %d ms%n",
                what, count, worst * 100, sidecar.readyAfter().toMillis());
    }

    private static double checkAll(SidecarApi api, List<RequestRecord> sent) {
        ExactCheck check = new ExactCheck(api, sent);
        check.awaitAllVisible("llm.ttft");
        check.wholeRange("llm.ttft", RequestRecord::ttftMs);
        check.wholeRange("llm.latency", RequestRecord::latencyMs);
        check.merged("llm.tpot", RequestRecord::tpotMs);
        check.perStep("llm.ttft", "model-2", Duration.ofSeconds(10), RequestRecord::ttftMs);
        check.perStep("llm.latency", "model-1", Duration.ofMinutes(1), RequestRecord::latencyMs);
        check.perStep("llm.tpot", "model-3", Duration.ofMinutes(10), RequestRecord::tpotMs);
        check.share("llm.ttft", RequestRecord::ttftMs);
        return check.worstRelativeError();
    }

    /** Pushes records whose own times lie up to 50 minutes back; what was sent. */
    private static List<RequestRecord> push(SidecarApi api, int count) {
        long seed = System.nanoTime();
        System.out.println("percentiles: seed " + seed);
        Traffic traffic = new Traffic(seed, "p");
        SplittableRandom random = new SplittableRandom(seed);
        List<RequestRecord> sent = new ArrayList<>(count);
        while (sent.size() < count) {
            Instant now = Instant.now();
            List<RequestRecord> batch = traffic.take(BATCH, MODELS, "chat").stream()
                    .map(record -> record.at(now.minusMillis(random.nextLong(SPREAD.toMillis()))))
                    .toList();
            JsonNode answer = api.push(batch);
            assertThat(answer.path("accepted").asInt()).as("%s", answer).isEqualTo(BATCH);
            sent.addAll(batch);
        }
        return sent;
    }
}
