package io.inferwatch.collector.push;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.CollectorConfig;
import io.inferwatch.collector.RecordingSink;
import io.inferwatch.collector.identity.IdentityPolicy;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestIntakeTest {
    private static final String GOOD = PushedBodies.GOOD;
    private final PushedBodies bodies = new PushedBodies();

    @Test
    void takesARecordALine_andAnArray_andOneObject() {
        assertThat(bodies.accepted(BodyFormat.NDJSON, GOOD + "\n\n  \r\n" + GOOD)
                        .accepted())
                .isEqualTo(2);
        assertThat(bodies.accepted(BodyFormat.JSON, " [\n" + GOOD + " ,\n" + GOOD + "]\n")
                        .accepted())
                .isEqualTo(2);
        assertThat(bodies.accepted(BodyFormat.JSON, "\n" + GOOD.replace(",", ",\n") + "\n")
                        .accepted())
                .isEqualTo(1);
        assertThat(bodies.journal().lastSequence())
                .as("one journal record a body")
                .isEqualTo(3);
        assertThat(bodies.observed().of("llm.ttft")).hasSize(5).allMatch(o -> o.scaled() == 10_000);
    }

    @Test
    void takesNothing_whenThereIsNothing() {
        assertThat(bodies.accepted(BodyFormat.NDJSON, "").accepted()).isZero();
        assertThat(bodies.accepted(BodyFormat.NDJSON, "\n \n").accepted()).isZero();
        assertThat(bodies.accepted(BodyFormat.JSON, "[ ]").accepted()).isZero();
        assertThat(bodies.journal().lastSequence()).isZero();
    }

    @Test
    void spoilsItsLineAlone_whenALineIsNoJson() {
        String body = String.join(
                "\n",
                GOOD,
                "{\"model\":\"m\"",
                "nonsense",
                GOOD + GOOD,
                GOOD + "1",
                "",
                "{\"model\":\"\u0007\"}",
                GOOD);
        IntakeReport report = bodies.accepted(BodyFormat.NDJSON, body);
        assertThat(report.accepted()).isEqualTo(2);
        assertThat(report.errors()).extracting(RecordError::line).containsExactly(2L, 3L, 4L, 5L, 7L);
        assertThat(report.errors()).allMatch(error -> error.rejection() == Rejection.MALFORMED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "x",
                "{",
                "[",
                "[{}",
                "[{} {}]",
                "[,]",
                "[{},]",
                "[{}]]",
                "{}{}",
                "{}\n{}",
                "[{]}",
                "[}",
                "[\"",
                "[\"\\",
                "[{\"model\":tru}]",
                "[{\"model\":\"m\",}]",
                "{\"model\":\"m\"}x",
                "[nul]",
                "[01]",
                "{\"a\"}"
            })
    void refusesTheWholeBody_whenItIsNoJson(String body) {
        String withGood = body.startsWith("[") ? "[" + GOOD + "," + body.substring(1) : body;
        assertThat(bodies.push(BodyFormat.JSON, body)).isInstanceOf(IntakeOutcome.Malformed.class);
        assertThat(bodies.push(BodyFormat.JSON, withGood)).isInstanceOf(IntakeOutcome.Malformed.class);
        assertThat(bodies.journal().lastSequence()).isZero();
        assertThat(bodies.requests().stats().accepted()).isZero();
        assertThat(bodies.requests().stats().bodiesRefused()).isEqualTo(2);
    }

    @Test
    void namesLineAndColumn_whereABodyIsBroken() {
        IntakeOutcome outcome = bodies.push(BodyFormat.JSON, "[\n" + GOOD + ",\n  {\"model\":\n    nope}]");
        assertThat(outcome).isInstanceOf(IntakeOutcome.Malformed.class);
        IntakeOutcome.Malformed malformed = (IntakeOutcome.Malformed) outcome;
        assertThat(malformed.line()).isEqualTo(4);
        assertThat(malformed.column()).isBetween(5L, 10L);
        assertThat(bodies.push(BodyFormat.JSON, "[{}\n,\n  ]"))
                .isEqualTo(new IntakeOutcome.Malformed("a record is missing", 3, 3));
    }

    @Test
    void refusesBrokenUtf8() {
        byte[] body = {'{', '"', 'm', 'o', 'd', 'e', 'l', '"', ':', '"', (byte) 0xFF, (byte) 0xFE, '"', '}'};
        assertThat(bodies.push(BodyFormat.JSON, body, IntakeOptions.DEFAULT))
                .isInstanceOf(IntakeOutcome.Malformed.class);
        assertThat(bodies.push(BodyFormat.NDJSON, body, IntakeOptions.DEFAULT))
                .isInstanceOf(IntakeOutcome.AllRejected.class);
    }

    @Test
    void refusesDeepNesting() {
        assertThat(bodies.push(BodyFormat.JSON, "[".repeat(100_000))).isInstanceOf(IntakeOutcome.Malformed.class);
        String deep = "{\"model\":\"m\",\"x\":" + "[".repeat(40) + "]".repeat(40) + "}";
        assertThat(bodies.error(deep).rejection()).isEqualTo(Rejection.TOO_DEEP);
        assertThat(bodies.accepted(BodyFormat.JSON, "[" + deep + "," + GOOD + "]")
                        .accepted())
                .isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "model|1|wrong_type",
                "model|true|wrong_type",
                "model|[]|wrong_type",
                "model|{}|wrong_type",
                "model|null|missing",
                "model|\"\"|missing",
                "model|\"\\u0000\"|invalid_text",
                "model|\"\\ud800\"|invalid_text",
                "model|\"\\udc00\\ud800\"|invalid_text",
                "ttft_ms|-1|negative",
                "ttft_ms|-0.0000001|negative",
                "ttft_ms|-1e-300|negative",
                "ttft_ms|\"fast\"|wrong_type",
                "ttft_ms|\"1\"|wrong_type",
                "ttft_ms|true|wrong_type",
                "ttft_ms|[1]|wrong_type",
                "ttft_ms|NaN|not_a_number",
                "ttft_ms|Infinity|not_a_number",
                "ttft_ms|-Infinity|not_a_number",
                "ttft_ms|60|out_of_order",
                "latency_ms|5|out_of_order",
                "latency_ms|86400000.001|out_of_range",
                "latency_ms|1e9|out_of_range",
                "latency_ms|1e999999999|out_of_range",
                "latency_ms|99999999999999999999999999|out_of_range",
                "tpot_ms|86400001|out_of_range",
                "content_ttft_ms|-1|negative",
                "queue_ms|-1|negative",
                "prefill_ms|-1|negative",
                "decode_ms|-1|negative",
                "input_tokens|-1|negative",
                "input_tokens|1.5|wrong_type",
                "input_tokens|1e-1|wrong_type",
                "input_tokens|9223372036854775808|out_of_range",
                "input_tokens|\"3\"|wrong_type",
                "cached_tokens|-1|negative",
                "cache_write_tokens|-1|negative",
                "output_tokens|-5|negative",
                "reasoning_tokens|-1|negative",
                "outcome|\"sucess\"|unknown_value",
                "outcome|3|wrong_type",
                "outcome|\"\"|unknown_value",
                "status|99|out_of_range",
                "status|\"200\"|wrong_type",
                "status|-200|negative",
                "status|200.5|wrong_type",
                "attempt|0|out_of_range",
                "attempt|-1|negative",
                "attempt|1.5|wrong_type",
                "attempt|3000000000|out_of_range",
                "quality_score|1.1|out_of_range",
                "quality_score|-0.1|negative",
                "quality_score|\"good\"|wrong_type",
                "sampling_rate|0|out_of_range",
                "sampling_rate|1.01|out_of_range",
                "sampling_rate|-1|negative",
                "cost_usd|-1|negative",
                "cost_usd|1e30|out_of_range",
                "cost_usd|\"$1\"|wrong_type",
                "stream|1|wrong_type",
                "stream|\"true\"|wrong_type",
                "time|\"yesterday\"|invalid_time",
                "time|\"2026-13-01T00:00:00Z\"|invalid_time",
                "time|\"2026-02-30T00:00:00Z\"|invalid_time",
                "time|\"2026-01-01T00:00:00\"|invalid_time",
                "time|\"2026-01-01T25:00:00Z\"|invalid_time",
                "time|\"\"|invalid_time",
                "time|\"2099-01-01T00:00:00Z\"|too_far_ahead",
                "time|\"1999-01-01T00:00:00Z\"|too_old",
                "time|1790000000|too_old",
                "time|1790000060001|too_far_ahead",
                "time|1789996399999|too_old",
                "time|-1|negative",
                "time|1e300|out_of_range",
                "time|[]|wrong_type",
                "labels|[]|wrong_type",
                "labels|{\"a\":1}|wrong_type",
                "labels|{\"a\":{}}|wrong_type",
                "labels|{\"\":\"x\"}|invalid_label",
                "labels|{\"a b\":\"x\"}|invalid_label",
                "labels|{\"a\":\"x\",\"a\":\"y\"}|duplicate_field",
                "safety_flags|\"pii\"|wrong_type",
                "safety_flags|[1]|wrong_type",
                "safety_flags|{}|wrong_type",
                "params|[]|wrong_type",
                "params|\"x\"|wrong_type",
                "gpu_uuids|\"GPU-1\"|wrong_type",
                "gpu_uuids|[{}]|wrong_type",
                "request_id|7|wrong_type",
                "user|1|wrong_type",
                "trace_id|{}|wrong_type",
                "prompt_hash|1|wrong_type"
            })
    void rejectsByName_whatCannotBe(String field, String value, String code) {
        String base = GOOD.substring(0, GOOD.length() - 1);
        String record = base.contains("\"" + field + "\"")
                ? GOOD.replaceFirst(
                        "\"" + field + "\":(\"m\"|\\d+)", Matcher.quoteReplacement("\"" + field + "\":" + value))
                : base + ",\"" + field + "\":" + value + "}";
        RecordError error = bodies.error(record);
        assertThat(error.rejection().code()).as(error.message()).isEqualTo(code);
        assertThat(error.message()).isNotBlank();
        if (!code.equals("out_of_order")) {
            assertThat(error.field().orElse("")).startsWith(field);
            assertThat(error.message()).contains(field.equals("labels") ? "" : field);
        }
    }

    @Test
    void rejectsByName_whatIsTooMuch() {
        String base = "{\"model\":\"m\",";
        assertThat(bodies.error(base + "\"request_id\":\"" + "x".repeat(129) + "\"}")
                        .rejection())
                .isEqualTo(Rejection.TOO_LONG);
        assertThat(bodies.error(base + "\"route\":\"" + "x".repeat(257) + "\"}").rejection())
                .isEqualTo(Rejection.TOO_LONG);
        String labels =
                IntStream.range(0, 17).mapToObj(i -> "\"l" + i + "\":\"x\"").collect(Collectors.joining(","));
        assertThat(bodies.error(base + "\"labels\":{" + labels + "}}").rejection())
                .isEqualTo(Rejection.TOO_LONG);
        String flags = IntStream.range(0, 65).mapToObj(i -> "\"f\"").collect(Collectors.joining(","));
        assertThat(bodies.error(base + "\"safety_flags\":[" + flags + "]}").rejection())
                .isEqualTo(Rejection.TOO_LONG);
        assertThat(bodies.error(base + "\"" + "n".repeat(300) + "\":1}").rejection())
                .isEqualTo(Rejection.TOO_DEEP);
    }

    @Test
    void takesParamsAsLongAsTheRecordMayBe() {
        String record = "{\"model\":\"m\",\"ttft_ms\":10,\"params\":{\"stop\":\"" + "x".repeat(60_000) + "\"}}\n";
        assertThat(bodies.push(BodyFormat.NDJSON, record + record)).isInstanceOf(IntakeOutcome.Accepted.class);
        assertThat(bodies.observed().of("llm.ttft")).hasSize(2);
        assertThat(bodies.observed().losses()).isEmpty();
    }

    @Test
    void rejectsAFieldThatComesTwice_andCachedAboveInput() {
        assertThat(bodies.error("{\"model\":\"a\",\"model\":\"b\"}").rejection())
                .isEqualTo(Rejection.DUPLICATE_FIELD);
        RecordError error = bodies.error("{\"model\":\"a\",\"cached_tokens\":9,\"input_tokens\":5}");
        assertThat(error.rejection()).isEqualTo(Rejection.INCONSISTENT);
        assertThat(error.message()).contains("cached_tokens of 9").contains("input_tokens of 5");
    }

    @Test
    void rejectsWhatIsNoObject() {
        for (String record : List.of("1", "\"x\"", "[]", "null", "[{\"model\":\"m\"}]", "-1.5e3")) {
            assertThat(bodies.error(record).rejection()).as(record).isEqualTo(Rejection.WRONG_TYPE);
        }
        IntakeReport report = bodies.accepted(BodyFormat.JSON, "[1," + GOOD + ",\"a\\\"]\",[[]],true]");
        assertThat(report.errors()).extracting(RecordError::line).containsExactly(1L, 3L, 4L, 5L);
    }

    @Test
    void messagesNameFieldValueAndRemedy() {
        assertThat(bodies.error("{\"model\":\"m\",\"ttft_ms\":-1}").message())
                .isEqualTo("ttft_ms is -1; give 0 or more");
        assertThat(bodies.error("{\"model\":\"m\",\"ttft_ms\":\"fast\"}").message())
                .isEqualTo("ttft_ms is the string \"fast\"; give a number");
        assertThat(bodies.error("{\"model\":\"m\",\"latency_ms\":86400000.5}").message())
                .isEqualTo("latency_ms is 86400000.5; give a number from 0 to 86400000");
        assertThat(bodies.error("{\"model\":\"m\",\"ttft_ms\":2.5,\"latency_ms\":2.25}")
                        .message())
                .isEqualTo("ttft_ms of 2.5 is above latency_ms of 2.25; give latency_ms as the whole");
    }

    @Test
    void takesNullAsAbsent() {
        IntakeReport report = bodies.accepted(
                BodyFormat.JSON, "{\"model\":\"m\",\"ttft_ms\":null,\"labels\":null,\"stream\":null,\"time\":null}");
        assertThat(report.accepted()).isEqualTo(1);
        assertThat(bodies.observed().of("llm.ttft")).isEmpty();
        assertThat(bodies.requests().stats().tpotUndefined()).isEqualTo(1);
    }

    @Test
    void warnsOfAnUnknownField_andRejectsItWhenStrict() {
        String odd = "{\"model\":\"m\",\"ttft\":3,\"nested\":{\"a\":[1,{\"b\":null}]}}";
        IntakeReport report = bodies.accepted(BodyFormat.JSON, odd);
        assertThat(report.warnings()).hasSize(2);
        assertThat(report.warnings().getFirst())
                .isEqualTo(new RecordWarning(1, "ttft", "unknown field \"ttft\"; did you mean \"ttft_ms\"?"));
        assertThat(bodies.requests().stats().warnings()).isEqualTo(2);

        IntakeOutcome strict =
                bodies.push(BodyFormat.JSON, odd.getBytes(StandardCharsets.UTF_8), new IntakeOptions(true, false));
        assertThat(strict).isInstanceOf(IntakeOutcome.AllRejected.class);
        assertThat(((IntakeOutcome.AllRejected) strict)
                        .report()
                        .errors()
                        .getFirst()
                        .rejection())
                .isEqualTo(Rejection.UNKNOWN_FIELD);
    }

    @Test
    void keepsTheFirstHundredOfEach_andCountsAll() {
        String body = IntStream.range(0, 300)
                .mapToObj(i -> i % 2 == 0 ? "{}" : "{\"model\":\"m\",\"x\":1}")
                .collect(Collectors.joining("\n"));
        IntakeReport report = bodies.accepted(BodyFormat.NDJSON, body);
        assertThat(report.errors()).hasSize(100);
        assertThat(report.warnings()).hasSize(100);
        assertThat(report.rejected()).isEqualTo(150);
        IntakeStats stats = bodies.requests().stats();
        assertThat(stats.warnings()).isEqualTo(150);
        assertThat(stats.rejected()).containsEntry(Rejection.MISSING, 150L).hasSize(1);
    }

    @Test
    void leavesNothing_whenAllAreRejected() {
        IntakeOutcome outcome = bodies.push(BodyFormat.JSON, "{\"model\":1}");
        assertThat(outcome).isInstanceOf(IntakeOutcome.AllRejected.class);
        assertThat(bodies.journal().lastSequence()).isZero();
    }

    @Test
    void refusesALargerBody_havingReadItsRest() throws IOException {
        Endless body = new Endless("[", ' ', 7L << 20);
        assertThat(bodies.requests().accept(body, BodyFormat.JSON, IntakeOptions.DEFAULT))
                .isInstanceOf(IntakeOutcome.TooLarge.class);
        assertThat(body.left).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{\"model\":\"", "", GOOD_START})
    void readsBoundedly_whenABodyNeverEnds(String start) throws IOException {
        for (BodyFormat format : BodyFormat.values()) {
            for (char filler : new char[] {' ', 'x', '\n', '[', '"', '\\'}) {
                Endless body = new Endless(start, filler, 200L << 20);
                bodies.requests().accept(body, format, IntakeOptions.DEFAULT);
                assertThat(200L << 20).isGreaterThanOrEqualTo(body.left);
                assertThat((200L << 20) - body.left).isLessThan(70L << 20);
            }
        }
        assertThat(bodies.journal().lastSequence()).isZero();
    }

    private static final String GOOD_START = "{\"model\":\"m\"}\n";

    @Test
    void takesTenThousandRecords_andNotOneMore() {
        String all = (GOOD + "\n").repeat(10_000);
        assertThat(bodies.accepted(BodyFormat.NDJSON, all).accepted()).isEqualTo(10_000);
        assertThat(bodies.push(BodyFormat.NDJSON, all + GOOD)).isInstanceOf(IntakeOutcome.TooLarge.class);
        assertThat(bodies.journal().lastSequence()).isEqualTo(1);
    }

    @Test
    void rejectsARecordThatIsTooLarge_andKeepsThoseBesideIt() {
        for (int size : new int[] {65_537, 131_071, 131_072, 131_073, 200_000, 1_000_000}) {
            String prefix = "{\"model\":\"m\",\"x\":\"";
            String large = prefix + "y".repeat(size - prefix.length() - 2) + "\"}";
            assertThat(bodies.error(large).rejection()).isEqualTo(Rejection.TOO_LARGE);
            IntakeReport report = bodies.accepted(BodyFormat.JSON, "[" + GOOD + "," + large + "," + GOOD + "]");
            assertThat(report.accepted()).isEqualTo(2);
            assertThat(report.errors().getFirst().line()).isEqualTo(2);
        }
        String prefix = "{\"model\":\"m\",\"x\":\"";
        String largest = prefix + "y".repeat(65_536 - prefix.length() - 2) + "\"}";
        assertThat(bodies.accepted(BodyFormat.NDJSON, largest).accepted()).isEqualTo(1);
        assertThat(bodies.accepted(BodyFormat.JSON, largest).accepted()).isEqualTo(1);
    }

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
        assertThat(bodies.requests().stats().tpotUndefined()).isEqualTo(expectedMicros == null ? 1 : 0);
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

    /** A start and then one character over and over. */
    private static final class Endless extends InputStream {
        private final byte[] start;
        private final char filler;
        private int given;
        private long left;

        Endless(String start, char filler, long length) {
            this.start = start.getBytes(StandardCharsets.UTF_8);
            this.filler = filler;
            this.left = length;
        }

        @Override
        public int read() {
            if (left == 0) {
                return -1;
            }
            left--;
            return given < start.length ? start[given++] : filler;
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            if (left == 0) {
                return -1;
            }
            if (given < start.length) {
                into[offset] = (byte) read();
                return 1;
            }
            int count = (int) Math.min(left, length);
            Arrays.fill(into, offset, offset + count, (byte) filler);
            left -= count;
            return count;
        }
    }
}
