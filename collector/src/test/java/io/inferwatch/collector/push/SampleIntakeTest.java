package io.inferwatch.collector.push;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.RecordingSink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SampleIntakeTest {
    private final PushedBodies bodies = new PushedBodies();

    @Test
    void takesASample_withItsLabelsAndThoseOfTheHost() {
        String body = "{\"value\":-0.0000015,\"metric\":\"eval.x\",\"labels\":{\"model\":\"m\"},\"request_id\":\"r\","
                + "\"sampling_rate\":0.1,\"evaluator\":\"judge\",\"evaluator_version\":\"2\",\"time\":1789999999000}";
        assertThat(bodies.pushSamples(body)).isInstanceOf(IntakeOutcome.Accepted.class);
        LabelSet labels = LabelSet.of("model", "m").plus(PushedBodies.ALWAYS);
        assertThat(bodies.observed().observations())
                .containsExactly(new RecordingSink.Observation("eval.x", labels, 1_789_999_999_000L, -2, 1, "r"));
    }

    private static String score(String more) {
        return "{\"metric\":\"eval.x\",\"request_id\":\"r\",\"labels\":{\"model\":\"m\"}" + more + "}\n";
    }

    private void assertTaken(String body, long accepted, long duplicates) {
        assertThat(bodies.pushSamples(body)).isInstanceOfSatisfying(IntakeOutcome.Accepted.class, taken -> {
            assertThat(taken.report().accepted()).isEqualTo(accepted);
            assertThat(taken.report().duplicates()).isEqualTo(duplicates);
        });
    }

    @Test
    void countsARetryOnce_whenItNamesItsRequest() {
        String body = score(",\"value\":0.5,\"evaluator\":\"judge\"")
                + score(",\"value\":0.5,\"evaluator\":\"other\"")
                + score(",\"value\":0.5,\"evaluator\":\"judge\",\"evaluator_version\":\"2\"")
                + score(",\"value\":0.6,\"evaluator\":\"judge\"")
                + score(",\"value\":0.5,\"evaluator\":\"judge\",\"time\":1789999999000")
                + "{\"metric\":\"eval.y\",\"request_id\":\"r\",\"value\":0.5}\n";
        assertTaken(body, 6, 0);
        assertTaken(body, 0, 6);
        assertThat(bodies.observed().observations()).hasSize(6);

        bodies.restartCollector();
        assertTaken(body + score(",\"value\":0.7"), 1, 6);
    }

    @Test
    void countsEverySample_whenItNamesNoRequest() {
        String body = "{\"metric\":\"eval.x\",\"value\":0.5}\n".repeat(2);
        assertTaken(body, 2, 0);
        assertTaken(body, 2, 0);
    }

    @Test
    void countsCostInItsOwnSteps() {
        bodies.pushSamples("{\"metric\":\"cost.usd\",\"value\":0.25}");
        bodies.pushSamples("{\"metric\":\"cost.storage\",\"value\":0.25}");
        assertThat(bodies.observed().of("cost.usd").getFirst().scaled()).isEqualTo(250_000_000);
        assertThat(bodies.observed().of("cost.storage").getFirst().scaled()).isEqualTo(250_000);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"value\":1}|missing",
                "{\"metric\":\"eval.x\"}|missing",
                "{\"metric\":\"llm.ttft\",\"value\":1}|unknown_metric",
                "{\"metric\":\"eval.\",\"value\":1}|unknown_metric",
                "{\"metric\":\"eval.x\",\"value\":\"1\"}|wrong_type",
                "{\"metric\":\"eval.x\",\"value\":NaN}|not_a_number",
                "{\"metric\":\"eval.x\",\"value\":1e14}|out_of_range",
                "{\"metric\":\"eval.x\",\"value\":null}|missing",
                "{\"metric\":\"cost.usd\",\"value\":-1}|negative",
                "{\"metric\":\"eval.x\",\"value\":1,\"labels\":{\"host\":\"x\"}}|invalid_label",
                "{\"metric\":\"eval.x\",\"value\":1,\"labels\":{\"pool\":\"x\"}}|invalid_label",
                "{\"metric\":\"eval.x\",\"value\":1,\"time\":\"2099-01-01T00:00:00Z\"}|too_far_ahead"
            })
    void rejectsByName(String record, String code) {
        IntakeOutcome outcome = bodies.pushSamples(record);
        assertThat(outcome).isInstanceOf(IntakeOutcome.AllRejected.class);
        assertThat(((IntakeOutcome.AllRejected) outcome)
                        .report()
                        .errors()
                        .getFirst()
                        .rejection()
                        .code())
                .isEqualTo(code);
    }
}
