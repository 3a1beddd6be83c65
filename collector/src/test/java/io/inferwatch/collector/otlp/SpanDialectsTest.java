package io.inferwatch.collector.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.Collector;
import io.inferwatch.collector.CollectorConfig;
import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.ListJournal;
import io.inferwatch.collector.RecordingSink;
import io.inferwatch.collector.identity.IdentityKey;
import io.inferwatch.collector.ids.IdHash;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the instrumentations of the field write of one and the same call. */
class SpanDialectsTest {
    private static final long START = 1_789_999_995_000_000_000L;
    /** 2.25 s later. */
    private static final long END = START + 2_250_000_000L;

    private static final int CLIENT = 3;

    private final Collector collector = new Collector(
                    CollectorConfig.DEFAULT, new ListJournal(), LabelSet.EMPTY, new IdHash(1, 2), () -> false)
            .recallIds();
    private final TraceIntake intake = new TraceIntake(collector, IdentityKey.of(new byte[32]));

    private void take(SpanWriter spans, OtlpFormat format) {
        try {
            assertThat(intake.accept(
                            new ByteArrayInputStream(format == OtlpFormat.JSON ? spans.json() : spans.protobuf()),
                            format))
                    .isInstanceOf(OtlpOutcome.Accepted.class);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private List<RecordingSink.Observation> observed(String metric) {
        return RecordingSink.of(collector).of(metric);
    }

    private static SpanWriter oneSpan(int kind, Object... attributes) {
        return new SpanWriter().span("00000000000000a1", "", kind, START, END, attributes);
    }

    /** One call of 100 prompt tokens, 20 of them cached, 50 output tokens, first token after 0.5 s. */
    record Dialect(String name, List<Object> attributes) {
        static Dialect of(String name, Object... attributes) {
            return new Dialect(name, List.of(attributes));
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Dialect> dialects() {
        String first = Instant.ofEpochSecond(0, START + 500_000_000L).toString();
        return Stream.of(
                Dialect.of(
                        "semconv",
                        "gen_ai.operation.name",
                        "chat",
                        "gen_ai.request.model",
                        "m",
                        "gen_ai.usage.input_tokens",
                        100L,
                        "gen_ai.usage.cache_read.input_tokens",
                        20L,
                        "gen_ai.usage.output_tokens",
                        50L,
                        "gen_ai.response.time_to_first_chunk",
                        0.5),
                Dialect.of(
                        "semconv of before",
                        "gen_ai.system",
                        "openai",
                        "gen_ai.request.model",
                        "m",
                        "gen_ai.usage.prompt_tokens",
                        100L,
                        "gen_ai.usage.cache_read_input_tokens",
                        20L,
                        "gen_ai.usage.completion_tokens",
                        50L,
                        "gen_ai.server.time_to_first_token",
                        0.5),
                Dialect.of(
                        "OpenInference",
                        "openinference.span.kind",
                        "LLM",
                        "llm.model_name",
                        "m",
                        "llm.token_count.prompt",
                        100L,
                        "llm.token_count.prompt_details.cache_read",
                        20L,
                        "llm.token_count.completion",
                        50L,
                        "gen_ai.response.time_to_first_chunk",
                        0.5),
                Dialect.of(
                        "Langfuse",
                        "langfuse.observation.type",
                        "generation",
                        "langfuse.observation.model.name",
                        "m",
                        "langfuse.observation.completion_start_time",
                        first,
                        "gen_ai.usage.input_tokens",
                        100L,
                        "gen_ai.usage.cache_read_input_tokens",
                        20L,
                        "gen_ai.usage.output_tokens",
                        50L),
                Dialect.of(
                        "Langfuse by its own names",
                        "langfuse.observation.type",
                        "generation",
                        "langfuse.observation.model.name",
                        "m",
                        "langfuse.observation.completion_start_time",
                        first,
                        "langfuse.observation.usage_details",
                        "{\"input\": 80, \"cache_read_input_tokens\": 20, \"output\": 50}"),
                Dialect.of(
                        "Langfuse by the names of OpenAI",
                        "langfuse.observation.type",
                        "generation",
                        "langfuse.observation.model.name",
                        "m",
                        "langfuse.observation.completion_start_time",
                        first,
                        "langfuse.observation.usage_details",
                        "{\"prompt_tokens\":100,\"completion_tokens\":50,\"total_tokens\":150,"
                                + "\"prompt_tokens_details\":{\"cached_tokens\":20}}"),
                Dialect.of(
                        "OpenLLMetry",
                        "llm.request.type",
                        "chat",
                        "gen_ai.request.model",
                        "m",
                        "llm.is_streaming",
                        true,
                        "gen_ai.usage.prompt_tokens",
                        "100",
                        "gen_ai.usage.cache_read_input_tokens",
                        20L,
                        "gen_ai.usage.completion_tokens",
                        50L,
                        "gen_ai.response.time_to_first_chunk",
                        0.5));
    }

    @ParameterizedTest
    @MethodSource("dialects")
    void everyDialectGivesTheSame(Dialect dialect) {
        take(oneSpan(CLIENT, dialect.attributes.toArray()), OtlpFormat.PROTOBUF);

        assertThat(observed("llm.ttft").getFirst().scaled()).isEqualTo(500_000);
        assertThat(observed("llm.tokens.input").getFirst().scaled()).isEqualTo(100);
        assertThat(observed("llm.tokens.cached").getFirst().scaled()).isEqualTo(20);
        assertThat(observed("llm.tokens.output").getFirst().scaled()).isEqualTo(50);
        assertThat(observed("llm.requests").getFirst().labels().asMap()).containsEntry("model", "m");
    }

    @Test
    void costThatLangfuseTells_isItsTotal_elseAllItsParts() {
        SpanWriter spans = new SpanWriter();
        generation(spans, "00000000000000a1", "{'input': 0.001, 'output': 2.5e-3, 'total': 0.004}");
        generation(spans, "00000000000000a2", "{'input': 0.001, 'output': 2.5e-3}");
        take(spans, OtlpFormat.PROTOBUF);
        assertThat(observed("cost.usd"))
                .extracting(RecordingSink.Observation::scaled)
                .containsExactly(4_000_000L, 3_500_000L);
    }

    private static void generation(SpanWriter spans, String id, String cost) {
        spans.span(
                id,
                "",
                CLIENT,
                START,
                END,
                "langfuse.observation.type",
                "generation",
                "gen_ai.request.model",
                "m",
                "langfuse.observation.cost_details",
                cost.replace('\'', '"'));
    }

    @Test
    void tokensThatLeaveTheCachedOnesOutAreCompleted() {
        take(
                oneSpan(
                        CLIENT,
                        "gen_ai.request.model",
                        "m",
                        "gen_ai.usage.input_tokens",
                        10L,
                        "gen_ai.usage.cache_read_input_tokens",
                        300L,
                        "gen_ai.usage.cache_creation_input_tokens",
                        40L),
                OtlpFormat.JSON);
        assertThat(observed("llm.tokens.input").getFirst().scaled()).isEqualTo(350);
    }
}
