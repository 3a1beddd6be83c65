package io.inferwatch.collector.otlp;

import io.inferwatch.collector.RequestAmount;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where each dialect writes what a request record holds, the most exact first: OpenTelemetry's gen_ai conventions of now and
 * of before, vLLM and SGLang ({@code gen_ai.latency.*}), OpenInference, Langfuse, OpenLLMetry.
 */
final class Attributes {
    /** A longer text counts as empty: nothing that is used is so long. */
    static final int MOST_TEXT_BYTES = Span.MOST_TEXT * 4;
    /** Of a trace. */
    static final int MOST_ID_BYTES = 16;

    static final String OPERATION = "gen_ai.operation.name";
    static final Set<String> CALLS = Set.of("chat", "text_completion", "generate_content", "embeddings");
    static final String OPENINFERENCE_KIND = "openinference.span.kind";
    static final String LANGFUSE_TYPE = "langfuse.observation.type";
    static final String OPENLLMETRY_TYPE = "llm.request.type";
    static final String ERROR_TYPE = "error.type";
    static final String LANGFUSE_FIRST = "langfuse.observation.completion_start_time";
    static final String LANGFUSE_USAGE = "langfuse.observation.usage_details";
    static final String LANGFUSE_COST = "langfuse.observation.cost_details";
    static final String SERVICE = "service.name";

    static final String[] MODEL = {
        "gen_ai.response.model", "gen_ai.request.model", "llm.model_name", "langfuse.observation.model.name"
    };
    static final String[] ID = {"gen_ai.response.id", "gen_ai.request.id", "llm.response.id"};
    static final String[] FINISH = {"gen_ai.response.finish_reasons", "llm.finish_reason", "llm.response.finish_reason"
    };
    static final String[] SESSION = {"session.id", "gen_ai.conversation.id", "langfuse.session.id"};
    static final String[] USER = {"user.id", "langfuse.user.id", "enduser.id"};
    static final String[] STREAM = {"gen_ai.request.stream", "llm.is_streaming", "gen_ai.is_streaming"};
    static final List<String> STATUS = List.of("http.response.status_code", "http.status_code");
    static final List<String> COST = List.of("gen_ai.usage.cost", "llm.cost.total");

    static final Set<String> FIRST_TOKEN_EVENTS =
            Set.of("gen_ai.first_token", "first_token", "First Token Stream Event");

    /** Seconds. */
    static final Map<RequestAmount, List<String>> TIMES = new EnumMap<>(Map.of(
            RequestAmount.TTFT,
            List.of(
                    "gen_ai.latency.time_to_first_token",
                    "gen_ai.response.time_to_first_chunk",
                    "gen_ai.server.time_to_first_token"),
            RequestAmount.QUEUE,
            List.of("gen_ai.latency.time_in_queue"),
            RequestAmount.PREFILL,
            List.of("gen_ai.latency.time_in_model_prefill"),
            RequestAmount.DECODE,
            List.of("gen_ai.latency.time_in_model_decode")));

    static final Map<RequestAmount, List<String>> TOKENS = new EnumMap<>(Map.of(
            RequestAmount.INPUT_TOKENS,
            List.of("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.token_count.prompt"),
            RequestAmount.OUTPUT_TOKENS,
            List.of("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.token_count.completion"),
            RequestAmount.CACHED_TOKENS,
            List.of(
                    "gen_ai.usage.cache_read.input_tokens",
                    "gen_ai.usage.cache_read_input_tokens",
                    "llm.token_count.prompt_details.cache_read"),
            RequestAmount.CACHE_WRITE_TOKENS,
            List.of(
                    "gen_ai.usage.cache_creation.input_tokens",
                    "gen_ai.usage.cache_creation_input_tokens",
                    "llm.token_count.prompt_details.cache_write"),
            RequestAmount.REASONING_TOKENS,
            List.of(
                    "gen_ai.usage.reasoning.output_tokens",
                    "gen_ai.usage.reasoning_tokens",
                    "llm.token_count.completion_details.reasoning")));

    private static final Set<String> WANTED = wanted();

    private Attributes() {}

    static boolean isWanted(String key) {
        return WANTED.contains(key);
    }

    private static Set<String> wanted() {
        Set<String> all = new HashSet<>(List.of(
                OPERATION,
                OPENINFERENCE_KIND,
                LANGFUSE_TYPE,
                OPENLLMETRY_TYPE,
                ERROR_TYPE,
                LANGFUSE_FIRST,
                LANGFUSE_USAGE,
                LANGFUSE_COST,
                SERVICE));
        for (String[] keys : new String[][] {MODEL, ID, FINISH, SESSION, USER, STREAM}) {
            all.addAll(List.of(keys));
        }
        all.addAll(STATUS);
        all.addAll(COST);
        TIMES.values().forEach(all::addAll);
        TOKENS.values().forEach(all::addAll);
        return Set.copyOf(all);
    }
}
