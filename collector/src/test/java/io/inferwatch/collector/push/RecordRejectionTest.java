package io.inferwatch.collector.push;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What of one record is refused or warned of, by which name, and in which words. */
class RecordRejectionTest {
    private static final String GOOD = PushedBodies.GOOD;
    private final PushedBodies bodies = new PushedBodies();

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
        assertThat(bodies.collector().stats().tpotUndefined()).isEqualTo(1);
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
}
