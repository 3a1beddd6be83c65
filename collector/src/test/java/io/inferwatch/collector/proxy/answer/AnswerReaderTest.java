package io.inferwatch.collector.proxy.answer;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.Outcome;
import io.inferwatch.collector.RequestAmount;
import io.inferwatch.collector.RequestMeasurement;
import io.inferwatch.collector.RequestText;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is read of the streams that model servers send, whole or cut anywhere. */
class AnswerReaderTest {
    private static final long MILLI = 1_000_000;

    /** Streams as the servers send them; the times are those of the events, one a millisecond from 1. */
    enum Sent {
        CHAT(
                AnswerForm.EVENTS,
                List.of(
                        "data: {\"id\":\"c1\",\"model\":\"llama-70b\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n",
                        ": keep-alive\n\n",
                        "data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"hm \\\"{[\\u00e9\"}}]}\r\n\r\n",
                        "data: {\"choices\":[{\"delta\":{\"content\":\"Grüße\"}}]}\n\n",
                        "event: message\ndata: {\"choices\":[{\"delta\":\ndata: {\"content\":\"!\"}}]}\n\n",
                        "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
                        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":3,\"prompt_tokens_details\":{\"cached_tokens\":8},\"completion_tokens_details\":{\"reasoning_tokens\":1}}}\n\n",
                        "data: [DONE]\n\n"),
                "ttft 3000 content 4000 tpot 1000 in 12 cached 8 out 3 reasoning 1 stop llama-70b"),
        /** Usage in every event, three tokens in one, and keys that nobody knows. */
        CONTINUOUS_USAGE(
                AnswerForm.EVENTS,
                List.of(
                        "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}],\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":0}}\n\n",
                        "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"obfuscation\":\"x7\",\"service_tier\":\"default\",\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":1}}\n\n",
                        "data: {\"choices\":[{\"delta\":{\"content\":\"b c d\"}}],\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":4}}\n\n",
                        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":4}}\n\n",
                        "data: [DONE]\n\n"),
                "ttft 2000 content 2000 tpot 333 in 12 out 4"),
        SEVERAL_CHOICES(
                AnswerForm.EVENTS,
                List.of(
                        "data: {\"choices\":[{\"index\":1,\"delta\":{\"content\":\"a\"}}]}\n\n",
                        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"b\"}},{\"index\":1,\"delta\":{\"content\":\"c\"},\"finish_reason\":\"length\"}]}\n\n",
                        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":2,\"completion_tokens\":3}}\n\n"),
                "ttft 1000 content 1000 tpot 500 in 2 out 3 length"),
        TEXT_COMPLETION(
                AnswerForm.EVENTS,
                List.of(
                        "data: {\"model\":\"m\",\"choices\":[{\"index\":0,\"text\":\"\",\"finish_reason\":null}]}\n\n",
                        "data: {\"choices\":[{\"index\":0,\"text\":\"a\",\"finish_reason\":null}]}\n\n",
                        "data: {\"choices\":[{\"index\":0,\"text\":\"b\",\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\n"),
                "ttft 2000 content 2000 tpot 1000 in 1 out 2 stop m"),
        TOOLS(
                AnswerForm.EVENTS,
                List.of(
                        "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":null}}]}\n\n",
                        "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]}}]}\n\n",
                        "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"function\":{\"arguments\":\"{}\"}}]},\"finish_reason\":\"tool_calls\"}]}\n\n"),
                "ttft 2000 content 2000 tool_calls"),
        RESPONSES(
                AnswerForm.EVENTS,
                List.of(
                        "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"model\":\"m/1\",\"error\":null,\"usage\":null}}\n\n",
                        "data: {\"type\":\"response.reasoning_text.delta\",\"delta\":\"hm\"}\n\n",
                        "data: {\"type\":\"response.output_text.delta\",\"delta\":\"a\"}\n\n",
                        "data: {\"type\":\"response.completed\",\"response\":{\"usage\":{\"input_tokens\":5,\"output_tokens\":2,\"output_tokens_details\":{\"reasoning_tokens\":1}}}}\n\n"),
                "ttft 2000 content 3000 tpot 1000 in 5 out 2 reasoning 1 m/1"),
        MESSAGES(
                AnswerForm.EVENTS,
                List.of(
                        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"model\":\"claude\",\"usage\":{\"input_tokens\":10,\"cache_read_input_tokens\":30,\"cache_creation_input_tokens\":2,\"output_tokens\":1}}}\n\n",
                        "data: {\"type\":\"content_block_start\",\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
                        "data: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}}\n\n",
                        "data: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"a\"}}\n\n",
                        "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":2}}\n\n"),
                "ttft 3000 content 4000 tpot 1000 in 42 cached 30 out 2 end_turn claude"),
        OLLAMA(
                AnswerForm.LINES,
                List.of(
                        "{\"model\":\"llama3\",\"message\":{\"role\":\"assistant\",\"content\":\"\",\"thinking\":\"h\"},\"done\":false}\n",
                        "{\"model\":\"llama3\",\"message\":{\"content\":\"a\"},\"done\":false}\n",
                        "{\"model\":\"llama3\",\"message\":{\"content\":\"\"},\"done_reason\":\"stop\",\"done\":true,\"prompt_eval_count\":26,\"prompt_eval_duration\":130079000,\"eval_count\":2,\"eval_duration\":1000000}\n"),
                "ttft 1000 content 2000 tpot 1000 in 26 out 2 prefill 130079 decode 1000 stop llama3"),
        TGI(
                AnswerForm.EVENTS,
                List.of(
                        "data:{\"index\":1,\"token\":{\"id\":3,\"text\":\"a\",\"special\":false},\"details\":null}\n\n",
                        "data:{\"index\":2,\"token\":{\"id\":2,\"text\":\"</s>\",\"special\":true},\"details\":{\"finish_reason\":\"eos_token\",\"generated_tokens\":2,\"input_length\":7}}\n\n"),
                "ttft 1000 content 1000 tpot 0 in 7 out 2 eos_token"),
        LLAMA_CPP(
                AnswerForm.EVENTS,
                List.of(
                        "data: {\"content\":\"a\",\"stop\":false}\n\n",
                        "data: {\"content\":\"b\",\"stop\":true,\"model\":\"q.gguf\",\"tokens_predicted\":2,\"tokens_evaluated\":4,\"timings\":{\"prompt_ms\":12.5,\"predicted_ms\":30.25}}\n\n"),
                "ttft 1000 content 1000 tpot 1000 in 4 out 2 prefill 12500 decode 30250 q.gguf"),
        FAILED_WITHIN(
                AnswerForm.EVENTS,
                List.of(
                        "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n",
                        "data: {\"error\":{\"message\":\"out of memory\",\"code\":500}}\n\n"),
                "ttft 1000 content 1000 error"),
        EMBEDDINGS(
                AnswerForm.WHOLE,
                List.of("{\"data\":[{\"embedding\":[0.1,-2e-3]}],\"model\":\"e5\",\"usage\":{\"prompt_tokens\":9}}"),
                "in 9 e5");

        private final AnswerForm form;
        private final String joined;
        private final String expected;

        Sent(AnswerForm form, List<String> events, String expected) {
            this.form = form;
            this.joined = String.join("\0", events);
            this.expected = expected;
        }

        private List<String> events() {
            return List.of(joined.split("\0", -1));
        }
    }

    @ParameterizedTest
    @EnumSource
    void stream_isReadAsItsServerMeansIt(Sent sent) {
        AnswerReader reader = new AnswerReader(sent.form);
        long nanos = 0;
        for (String event : sent.events()) {
            nanos += MILLI;
            reader.feed(event.getBytes(StandardCharsets.UTF_8), nanos);
        }
        assertThat(told(reader)).isEqualTo(sent.expected);
    }

    /** Each cut in two pieces, and into single bytes. An event's time is that of its last byte. */
    @ParameterizedTest
    @EnumSource
    void cut_changesNothing(Sent sent) {
        byte[] all = String.join("", sent.events()).getBytes(StandardCharsets.UTF_8);
        long[] times = times(sent);
        for (int cut = 0; cut <= all.length; cut++) {
            AnswerReader reader = new AnswerReader(sent.form);
            feed(reader, times, all, 0, cut);
            feed(reader, times, all, cut, all.length);
            assertThat(told(reader)).as("cut at %s", cut).isEqualTo(sent.expected);
        }
        AnswerReader bytewise = new AnswerReader(sent.form);
        for (int i = 0; i < all.length; i++) {
            bytewise.feed(new byte[] {all[i]}, times[i]);
        }
        assertThat(told(bytewise)).isEqualTo(sent.expected);
    }

    /** Feeds a piece split where events end, so that each keeps its own time. */
    private static void feed(AnswerReader reader, long[] times, byte[] all, int from, int to) {
        int start = from;
        for (int i = from; i < to; i++) {
            if (i + 1 == to || times[i] != times[i + 1]) {
                reader.feed(Arrays.copyOfRange(all, start, i + 1), times[i]);
                start = i + 1;
            }
        }
    }

    /** The time of each byte: that of its event. */
    private static long[] times(Sent sent) {
        return IntStream.range(0, sent.events().size())
                .boxed()
                .flatMapToLong(event -> LongStream.generate(() -> (event + 1) * MILLI)
                        .limit(sent.events().get(event).getBytes(StandardCharsets.UTF_8).length))
                .toArray();
    }

    @Test
    void noJson_isNoReasonToStop() {
        AnswerReader reader = new AnswerReader(AnswerForm.EVENTS);
        reader.feed("data: }}]]\"\\u12\n\ndata: <html>\n\n".getBytes(StandardCharsets.UTF_8), MILLI);
        reader.feed(
                "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n".getBytes(StandardCharsets.UTF_8),
                2 * MILLI);
        assertThat(told(reader)).isEqualTo("ttft 2000 content 2000");
    }

    private static String told(AnswerReader reader) {
        reader.finish();
        RequestMeasurement.Builder into = new RequestMeasurement.Builder();
        into.text(RequestText.MODEL, "").outcome(Outcome.SUCCESS);
        reader.tell(into, 0);
        RequestMeasurement told = into.build();
        StringBuilder text = new StringBuilder();
        amount(text, told, "ttft", RequestAmount.TTFT);
        amount(text, told, "content", RequestAmount.CONTENT_TTFT);
        amount(text, told, "tpot", RequestAmount.TPOT);
        amount(text, told, "in", RequestAmount.INPUT_TOKENS);
        amount(text, told, "cached", RequestAmount.CACHED_TOKENS);
        amount(text, told, "out", RequestAmount.OUTPUT_TOKENS);
        amount(text, told, "reasoning", RequestAmount.REASONING_TOKENS);
        amount(text, told, "prefill", RequestAmount.PREFILL);
        amount(text, told, "decode", RequestAmount.DECODE);
        told.text(RequestText.FINISH_REASON)
                .ifPresent(reason -> text.append(' ').append(reason));
        reader.model().ifPresent(model -> text.append(' ').append(model));
        text.append(reader.isError() ? " error" : "");
        return text.toString().strip();
    }

    private static void amount(StringBuilder text, RequestMeasurement told, String name, RequestAmount amount) {
        told.amount(amount)
                .ifPresent(steps -> text.append(' ').append(name).append(' ').append(steps));
    }
}
