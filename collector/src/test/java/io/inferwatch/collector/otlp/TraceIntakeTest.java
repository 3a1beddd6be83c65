package io.inferwatch.collector.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.Collector;
import io.inferwatch.collector.CollectorConfig;
import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.ListJournal;
import io.inferwatch.collector.Outcome;
import io.inferwatch.collector.RecordingSink;
import io.inferwatch.collector.identity.IdentityKey;
import io.inferwatch.collector.ids.IdHash;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TraceIntakeTest {
    private static final long NOW = 1_790_000_000_000L;
    private static final long START = (NOW - 5_000) * 1_000_000;
    /** 2.25 s later. */
    private static final long END = START + 2_250_000_000L;

    private static final int CLIENT = 3;
    private static final int SERVER = 2;

    private final ListJournal journal = new ListJournal();
    private final Collector collector =
            new Collector(CollectorConfig.DEFAULT, journal, LabelSet.EMPTY, new IdHash(1, 2), () -> false).recallIds();
    private final TraceIntake intake = new TraceIntake(collector, IdentityKey.of(new byte[32]));

    private OtlpOutcome take(byte[] body, OtlpFormat format) {
        return take(new ByteArrayInputStream(body), format);
    }

    private OtlpOutcome take(InputStream body, OtlpFormat format) {
        try {
            return intake.accept(body, format);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private OtlpOutcome take(SpanWriter spans, OtlpFormat format) {
        return take(format == OtlpFormat.JSON ? spans.json() : spans.protobuf(), format);
    }

    private List<RecordingSink.Observation> observed(String metric) {
        return RecordingSink.of(collector).of(metric);
    }

    private static SpanWriter oneSpan(int kind, Object... attributes) {
        return new SpanWriter().span("00000000000000a1", "", kind, START, END, attributes);
    }

    @ParameterizedTest
    @EnumSource(OtlpFormat.class)
    void spanOfAnEngineGivesItsTimesTokensAndNames(OtlpFormat format) {
        SpanWriter spans = oneSpan(
                SERVER,
                "gen_ai.response.model",
                "writer",
                "gen_ai.request.id",
                "cmpl-1",
                "gen_ai.request.temperature",
                0.5,
                "gen_ai.usage.prompt_tokens",
                812L,
                "gen_ai.usage.completion_tokens",
                101L,
                "gen_ai.latency.time_in_queue",
                0.0021,
                "gen_ai.latency.time_to_first_token",
                0.35,
                "gen_ai.latency.time_in_model_prefill",
                0.343,
                "gen_ai.latency.time_in_model_decode",
                1.895,
                "gen_ai.response.finish_reasons",
                List.of("stop"),
                "user.id",
                "alice");
        assertThat(take(spans, format)).isEqualTo(new OtlpOutcome.Accepted(0, ""));

        RecordingSink.Observation ttft = observed("llm.ttft").getFirst();
        assertThat(ttft.scaled()).isEqualTo(350_000);
        assertThat(ttft.epochMillis()).isEqualTo(END / 1_000_000);
        assertThat(ttft.requestId()).isEqualTo("cmpl-1");
        assertThat(ttft.labels().asMap())
                .containsEntry("observer", "otlp")
                .containsEntry("model", "writer")
                .containsEntry("server", "engine-1")
                .containsEntry("outcome", "success");
        assertThat(observed("llm.latency").getFirst().scaled()).isEqualTo(2_250_000);
        assertThat(observed("llm.queue").getFirst().scaled()).isEqualTo(2_100);
        assertThat(observed("llm.prefill").getFirst().scaled()).isEqualTo(343_000);
        assertThat(observed("llm.decode").getFirst().scaled()).isEqualTo(1_895_000);
        assertThat(observed("llm.tpot").getFirst().scaled()).isEqualTo(19_000);
        assertThat(observed("llm.tokens.input").getFirst().scaled()).isEqualTo(812);
        assertThat(observed("llm.requests").getFirst().labels().asMap()).containsEntry("finish_reason", "stop");
    }

    /** No token comes after the first: there is no time per such a token, and 0 would bend the rest. */
    @ParameterizedTest
    @EnumSource(OtlpFormat.class)
    void callOfOneToken_hasNoTimePerOutputToken(OtlpFormat format) {
        take(
                oneSpan(
                        SERVER,
                        "gen_ai.response.model",
                        "writer",
                        "gen_ai.usage.output_tokens",
                        1L,
                        "gen_ai.latency.time_to_first_token",
                        0.35),
                format);

        assertThat(observed("llm.ttft")).hasSize(1);
        assertThat(observed("llm.tokens.output").getFirst().scaled()).isEqualTo(1);
        assertThat(observed("llm.tpot")).isEmpty();
        assertThat(observed("llm.tpot.token_weighted")).isEmpty();
    }

    @Test
    void callThatClientAndServerSawIsOneRequest_inOneBodyOrInTwo() {
        Object[] client = {"gen_ai.operation.name", "chat", "gen_ai.request.model", "m"};
        Object[] named = {"gen_ai.request.model", "m", "gen_ai.response.id", "r", "gen_ai.usage.input_tokens", 3L};
        take(
                new SpanWriter()
                        .span("00000000000000a1", "", CLIENT, START, END, client)
                        .span("00000000000000a2", "00000000000000a1", SERVER, START, END, named),
                OtlpFormat.JSON);
        assertThat(observed("llm.requests")).hasSize(1);

        take(new SpanWriter().span("00000000000000b1", "", CLIENT, START, END, named), OtlpFormat.PROTOBUF);
        assertThat(observed("llm.requests")).hasSize(1);
        assertThat(intake.stats()).isEqualTo(new TraceIntake.Stats(1, 1, 0));
    }

    @Test
    void spanThatIsNoCallIsPassedOver_andACallWithoutAModelIsRejected() {
        SpanWriter spans = new SpanWriter()
                .span("00000000000000a1", "", CLIENT, START, END, "gen_ai.operation.name", "execute_tool")
                .span("00000000000000a2", "", CLIENT, START, END, "openinference.span.kind", "CHAIN")
                .span("00000000000000a3", "", CLIENT, START, END, "http.route", "/v1")
                .span("00000000000000a4", "", CLIENT, START, END, "gen_ai.operation.name", "chat")
                .span("00000000000000a5", "", CLIENT, START, START - 1, "gen_ai.operation.name", "chat");
        assertThat(take(spans, OtlpFormat.JSON))
                .isEqualTo(new OtlpOutcome.Accepted(2, "a model call names no model; set gen_ai.request.model"));
        assertThat(journal.lastSequence()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "error.type, timeout, , TIMEOUT",
        "error.type, 504, , TIMEOUT",
        "error.type, 429, , REJECTED",
        "error.type, 499, , CLIENT_ABORT",
        "error.type, 404, , ERROR",
        "error.type, openai.APIError, 429, REJECTED",
        "error.type, openai.APIError, , ERROR",
        "error.type, openai.APIError, 200, ERROR",
        "server.address, h, 504, TIMEOUT",
        "server.address, h, 404, ERROR",
    })
    void aCallThatFailed_endedAsItsStatusSays_elseItsError(String key, String value, Long status, Outcome outcome) {
        List<Object> attributes =
                new ArrayList<>(List.of("gen_ai.request.model", "m", "gen_ai.usage.input_tokens", 3L));
        attributes.addAll(List.of(key, value));
        if (status != null) {
            attributes.addAll(List.of("http.response.status_code", status));
        }
        take(oneSpan(CLIENT, attributes.toArray()).failed(), OtlpFormat.PROTOBUF);
        assertThat(observed("llm.requests").getFirst().labels().asMap()).containsEntry("outcome", outcome.label());
    }

    @Test
    void callWithoutATimePerOutputToken_isCounted_onceHoweverOftenItIsTold() {
        Object[] whole = {
            "gen_ai.request.model", "m", "gen_ai.usage.output_tokens", 50L, "gen_ai.server.time_to_first_token", 0.5
        };
        Object[] single = {
            "gen_ai.request.model", "m", "gen_ai.usage.output_tokens", 1L, "gen_ai.server.time_to_first_token", 0.5
        };
        Object[] unstreamed = {"gen_ai.request.model", "m", "gen_ai.usage.output_tokens", 50L};
        SpanWriter spans = new SpanWriter()
                .span("00000000000000a1", "", SERVER, START, END, whole)
                .span("00000000000000a2", "", SERVER, START, END, single)
                .span("00000000000000a3", "", SERVER, START, END, unstreamed);
        take(spans, OtlpFormat.PROTOBUF);
        take(spans, OtlpFormat.PROTOBUF);
        assertThat(observed("llm.tpot")).hasSize(1);
        assertThat(collector.stats().tpotUndefined()).isEqualTo(2);
    }

    @Test
    void callFromFarAwayInTimeIsRejected() {
        Object[] call = {"gen_ai.operation.name", "chat", "gen_ai.request.model", "m"};
        long hour = 3_600_000_000_000L;
        SpanWriter spans = new SpanWriter()
                .span("00000000000000a1", "", CLIENT, START - 2 * hour, END - 2 * hour, call)
                .span("00000000000000a2", "", CLIENT, START + hour, END + hour, call)
                .span("00000000000000a3", "", CLIENT, START, END + 4_000_000_000L, call);
        assertThat(take(spans, OtlpFormat.PROTOBUF)).isInstanceOfSatisfying(OtlpOutcome.Accepted.class, accepted -> {
            assertThat(accepted.rejected()).isEqualTo(2);
            assertThat(accepted.message()).contains("collector.max_lateness");
        });
        assertThat(observed("llm.requests")).hasSize(1);
        assertThat(observed("llm.requests").getFirst().epochMillis()).isEqualTo(NOW);
    }

    @Test
    void bodyCutOrSpoiledAnywhereIsRefusedOrTaken_neverMore() {
        SpanWriter spans = oneSpan(CLIENT, "gen_ai.request.model", "m", "gen_ai.usage.input_tokens", 10L);
        SpoiledBodies.areRefused(spans.json(), OtlpFormat.JSON, this::take);
        SpoiledBodies.areRefused(spans.protobuf(), OtlpFormat.PROTOBUF, this::take);
    }

    @Test
    void hostileBodyIsRefusedCheaply() {
        String deep = "{\"resourceSpans\":" + "[".repeat(1_000_000);
        assertThat(take(deep.getBytes(StandardCharsets.UTF_8), OtlpFormat.JSON))
                .isInstanceOf(OtlpOutcome.Malformed.class);
        String deepValue = "{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"value\":"
                + "{\"arrayValue\":{\"values\":[".repeat(100_000);
        assertThat(take(deepValue.getBytes(StandardCharsets.UTF_8), OtlpFormat.JSON))
                .isInstanceOf(OtlpOutcome.Malformed.class);
        assertThat(take(new byte[(16 << 20) + 1], OtlpFormat.PROTOBUF)).isInstanceOf(OtlpOutcome.TooLarge.class);
        assertThat(take(new byte[] {10, -1, -1, -1, -1, 15}, OtlpFormat.PROTOBUF))
                .isInstanceOf(OtlpOutcome.Malformed.class);
    }

    @Test
    void nothingIsTaken_whileTheJournalIsFullOrBroken() {
        SpanWriter spans = oneSpan(CLIENT, "gen_ai.request.model", "m", "gen_ai.usage.input_tokens", 10L);
        journal.isFull();
        assertThat(take(spans, OtlpFormat.JSON)).isInstanceOf(OtlpOutcome.Busy.class);
        journal.isBroken();
        assertThat(take(spans, OtlpFormat.JSON)).isInstanceOf(OtlpOutcome.Unavailable.class);
        journal.isWell();
        assertThat(take(spans, OtlpFormat.JSON)).isInstanceOf(OtlpOutcome.Accepted.class);
        assertThat(observed("llm.requests")).hasSize(1);
    }
}
