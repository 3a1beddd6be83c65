package io.inferwatch.collector.push;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.CollectorConfig;
import io.inferwatch.collector.RecordingSink;
import io.inferwatch.collector.identity.IdentityPolicy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a record that is taken means: how often it counts, when it was, what is derived of it, who is hidden. */
class RecordMeaningTest {
    private static final String GOOD = PushedBodies.GOOD;
    private final PushedBodies bodies = new PushedBodies();

    @Test
    void leavesOutWhatWasTaken_alsoWithinABody_andTakesItAgainLater() {
        String a = "{\"model\":\"m\",\"request_id\":\"a\"}";
        String a2 = "{\"model\":\"m\",\"request_id\":\"a\",\"attempt\":2}";
        String b = "{\"model\":\"m\",\"request_id\":\"b\"}";
        IntakeReport first = bodies.accepted(BodyFormat.NDJSON, String.join("\n", a, a2, a, GOOD, a));
        assertThat(first.accepted()).isEqualTo(3);
        assertThat(first.duplicates()).isEqualTo(2);
        IntakeReport again = bodies.accepted(BodyFormat.NDJSON, String.join("\n", a, b, a2));
        assertThat(again.accepted()).isEqualTo(1);
        assertThat(again.duplicates()).isEqualTo(2);
        IntakeReport nothingNew = bodies.accepted(BodyFormat.NDJSON, a);
        assertThat(nothingNew.accepted()).isZero();
        assertThat(nothingNew.duplicates()).isEqualTo(1);
        assertThat(bodies.journal().lastSequence()).isEqualTo(2);
        assertThat(bodies.observed().of("llm.requests")).hasSize(4);

        bodies.journal().now(bodies.journal().nowEpochMillis() + 602_000);
        assertThat(bodies.accepted(BodyFormat.NDJSON, a).accepted()).isEqualTo(1);
    }

    @Test
    void remembersNothing_whenTheJournalDidNotTakeIt() {
        String a = "{\"model\":\"m\",\"request_id\":\"a\"}";
        bodies.journal().isFull();
        assertThat(bodies.push(BodyFormat.NDJSON, a)).isEqualTo(new IntakeOutcome.Busy(Duration.ofSeconds(7)));
        bodies.journal().isBroken();
        assertThat(bodies.push(BodyFormat.NDJSON, a))
                .isEqualTo(new IntakeOutcome.Unavailable("disk full", Duration.ofSeconds(30)));
        bodies.journal().isWell();
        bodies.overloaded(true);
        assertThat(bodies.push(BodyFormat.NDJSON, a)).isInstanceOf(IntakeOutcome.Busy.class);
        bodies.overloaded(false);
        assertThat(bodies.accepted(BodyFormat.NDJSON, a).accepted()).isEqualTo(1);
        assertThat(bodies.requests().stats().accepted()).isEqualTo(1);
        assertThat(bodies.requests().stats().bodiesRefused()).isEqualTo(3);
    }

    @Test
    void placesByOwnTime_unlessItIsAhead() {
        long now = bodies.journal().nowEpochMillis();
        String body = IntStream.of(-3_600_000, -1, 0, 1, 60_000)
                .mapToObj(offset -> "{\"model\":\"m\",\"time\":" + (now + offset) + "}")
                .collect(Collectors.joining("\n"));
        assertThat(bodies.accepted(BodyFormat.NDJSON, body + "\n{\"model\":\"m\",\"time\":\"2026-09-21T14:13:20Z\"}")
                        .accepted())
                .isEqualTo(6);
        assertThat(bodies.observed().of("llm.requests"))
                .extracting(RecordingSink.Observation::epochMillis)
                .containsExactly(now - 3_600_000, now - 1, now, now, now, 1_790_000_000_000L);
        assertThat(bodies.requests().stats().skewed()).isEqualTo(2);
        bodies.error("{\"model\":\"m\",\"time\":" + (now - 3_600_001) + "}");
        assertThat(bodies.requests().stats().late()).isEqualTo(1);
    }

    @Test
    void takesOldTimes_byTheBackfillPath() {
        long old = bodies.journal().nowEpochMillis() - Duration.ofDays(30).toMillis();
        byte[] body = ("{\"model\":\"m\",\"time\":" + old + "}").getBytes(StandardCharsets.UTF_8);
        assertThat(bodies.push(BodyFormat.JSON, body, new IntakeOptions(false, true)))
                .isInstanceOf(IntakeOutcome.Accepted.class);
        assertThat(bodies.observed().of("llm.requests").getFirst().epochMillis())
                .isEqualTo(old);
        byte[] ancient = "{\"model\":\"m\",\"time\":0}".getBytes(StandardCharsets.UTF_8);
        assertThat(bodies.push(BodyFormat.JSON, ancient, new IntakeOptions(false, true)))
                .isInstanceOf(IntakeOutcome.AllRejected.class);
    }

    @ParameterizedTest
    @CsvSource({
        "'\"ttft_ms\":10,\"latency_ms\":50,\"output_tokens\":5', 10000",
        "'\"ttft_ms\":10,\"latency_ms\":50,\"output_tokens\":8', 5714",
        "'\"ttft_ms\":0,\"latency_ms\":0.005,\"output_tokens\":3', 3",
        "'\"ttft_ms\":10,\"latency_ms\":50,\"output_tokens\":5,\"tpot_ms\":7', 7000",
        "'\"ttft_ms\":10,\"latency_ms\":50,\"output_tokens\":1', ",
        "'\"ttft_ms\":10,\"latency_ms\":50,\"output_tokens\":5,\"stream\":false', ",
        "'\"latency_ms\":50,\"output_tokens\":5,\"stream\":true', ",
        "'\"latency_ms\":50,\"output_tokens\":5', ",
        "'\"ttft_ms\":10,\"output_tokens\":5', ",
    })
    void derivesTimePerOutputToken_whereItCanBe(String fields, Long expectedMicros) {
        bodies.accepted(BodyFormat.JSON, "{\"model\":\"m\"," + fields + "}");
        List<Long> found = bodies.observed().of("llm.tpot").stream()
                .map(RecordingSink.Observation::scaled)
                .toList();
        assertThat(found).isEqualTo(expectedMicros == null ? List.of() : List.of(expectedMicros));
        assertThat(bodies.collector().stats().tpotUndefined()).isEqualTo(expectedMicros == null ? 1 : 0);
    }

    @ParameterizedTest
    @CsvSource({
        "504,timeout",
        "500,error",
        "503,error",
        "429,rejected",
        "499,client_abort",
        "200,success",
        "404,success",
        ",success"
    })
    void takesTheOutcomeFromTheStatus(Integer status, String outcome) {
        bodies.accepted(BodyFormat.JSON, "{\"model\":\"m\"" + (status == null ? "" : ",\"status\":" + status) + "}");
        bodies.accepted(
                BodyFormat.JSON,
                "{\"model\":\"m\",\"outcome\":\"timeout\"" + (status == null ? "" : ",\"status\":" + status) + "}");
        assertThat(bodies.observed().of("llm.requests"))
                .extracting(o -> o.labels().get("outcome").orElseThrow())
                .containsExactly(outcome, "timeout");
    }

    @Test
    void hidesUsersAndSessions_beforeTheJournal() {
        String body =
                "{\"model\":\"m\",\"user\":\"alice@example.org\",\"session\":\"alice@example.org\",\"cost_usd\":0.5}";
        bodies.accepted(BodyFormat.JSON, body);
        assertThat(new String(bodies.journal().payload(1), StandardCharsets.ISO_8859_1))
                .doesNotContain("alice");
        String hashed =
                bodies.observed().of("cost.usd").getFirst().labels().get("user").orElseThrow();
        assertThat(hashed).matches("[0-9a-f]{24}");

        PushedBodies clear = new PushedBodies(config(IdentityPolicy.CLEAR));
        clear.accepted(BodyFormat.JSON, body);
        assertThat(clear.observed().of("cost.usd").getFirst().labels().get("user"))
                .contains("alice@example.org");
        PushedBodies dropped = new PushedBodies(config(IdentityPolicy.DROP));
        dropped.accepted(BodyFormat.JSON, body);
        assertThat(dropped.observed().of("cost.usd").getFirst().labels().get("user"))
                .isEmpty();
    }

    private static CollectorConfig config(IdentityPolicy identity) {
        return new CollectorConfig(CollectorConfig.Labels.DEFAULT, identity, Duration.ofHours(1), 2000, 50_000);
    }
}
