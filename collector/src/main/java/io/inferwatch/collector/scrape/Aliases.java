package io.inferwatch.collector.scrape;

import static io.inferwatch.collector.scrape.Engine.DYNAMO;
import static io.inferwatch.collector.scrape.Engine.ENVOY_AI_GATEWAY;
import static io.inferwatch.collector.scrape.Engine.LLAMA_CPP;
import static io.inferwatch.collector.scrape.Engine.LMDEPLOY;
import static io.inferwatch.collector.scrape.Engine.SGLANG;
import static io.inferwatch.collector.scrape.Engine.TENSORRT_LLM;
import static io.inferwatch.collector.scrape.Engine.TGI;
import static io.inferwatch.collector.scrape.Engine.TRITON;
import static io.inferwatch.collector.scrape.Engine.VLLM;
import static io.inferwatch.collector.scrape.Row.Form.COUNTER;
import static io.inferwatch.collector.scrape.Row.Form.GAUGE;
import static io.inferwatch.collector.scrape.Row.Form.HISTOGRAM_COUNT;
import static io.inferwatch.collector.scrape.Row.Form.HISTOGRAM_MILLIS;
import static io.inferwatch.collector.scrape.Row.Form.HISTOGRAM_SECONDS;
import static io.inferwatch.collector.scrape.Row.Form.OUTCOMES;
import static io.inferwatch.collector.scrape.Row.Form.SUM_OF_HISTOGRAM;
import static io.inferwatch.collector.scrape.Row.row;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which name on whose page means what: one row a metric and engine. The first row of a metric that a page can fill is
 * taken, so an engine inside another server comes before that server.
 *
 * <p>Names are those of vLLM 0.6 to 0.28, SGLang 0.3 to 0.5, TGI 2 and 3, TensorRT-LLM 1, Triton 2, llama.cpp b10519, LMDeploy
 * 0.9, Dynamo 0.5 and Envoy AI Gateway 0.4, without the {@code _total} of counters.
 */
final class Aliases {
    static final List<Row> TABLE = List.of(
            row(VLLM, "llm.ttft", HISTOGRAM_SECONDS, "vllm:time_to_first_token_seconds"),
            row(VLLM, "llm.tpot", HISTOGRAM_SECONDS, "vllm:request_time_per_output_token_seconds"),
            row(
                    VLLM,
                    "llm.tpot.token_weighted",
                    HISTOGRAM_SECONDS,
                    "vllm:inter_token_latency_seconds",
                    "vllm:time_per_output_token_seconds"),
            row(VLLM, "llm.latency", HISTOGRAM_SECONDS, "vllm:e2e_request_latency_seconds"),
            row(VLLM, "llm.queue", HISTOGRAM_SECONDS, "vllm:request_queue_time_seconds"),
            row(VLLM, "llm.prefill", HISTOGRAM_SECONDS, "vllm:request_prefill_time_seconds"),
            row(VLLM, "llm.decode", HISTOGRAM_SECONDS, "vllm:request_decode_time_seconds"),
            row(VLLM, "llm.tokens.input", HISTOGRAM_COUNT, "vllm:request_prompt_tokens"),
            row(VLLM, "llm.tokens.output", HISTOGRAM_COUNT, "vllm:request_generation_tokens"),
            row(VLLM, "llm.requests", OUTCOMES, "vllm:request_success"),
            row(VLLM, "llm.generated_tokens", COUNTER, "vllm:generation_tokens"),
            row(VLLM, "llm.preemptions", COUNTER, "vllm:num_preemptions"),
            row(VLLM, "llm.running", GAUGE, "vllm:num_requests_running"),
            row(VLLM, "llm.waiting", GAUGE, "vllm:num_requests_waiting"),
            row(VLLM, "llm.kv_cache.usage", GAUGE, "vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc"),
            row(SGLANG, "llm.ttft", HISTOGRAM_SECONDS, "sglang:time_to_first_token_seconds"),
            row(
                    SGLANG,
                    "llm.tpot.token_weighted",
                    HISTOGRAM_SECONDS,
                    "sglang:inter_token_latency_seconds",
                    "sglang:time_per_output_token_seconds"),
            row(SGLANG, "llm.latency", HISTOGRAM_SECONDS, "sglang:e2e_request_latency_seconds"),
            row(SGLANG, "llm.queue", HISTOGRAM_SECONDS, "sglang:queue_time_seconds"),
            row(SGLANG, "llm.tokens.input", HISTOGRAM_COUNT, "sglang:prompt_tokens_histogram"),
            row(SGLANG, "llm.tokens.output", HISTOGRAM_COUNT, "sglang:generation_tokens_histogram"),
            row(SGLANG, "llm.requests", OUTCOMES, "sglang:num_requests", "sglang:num_aborted_requests"),
            row(SGLANG, "llm.generated_tokens", COUNTER, "sglang:generation_tokens"),
            row(SGLANG, "llm.preemptions", SUM_OF_HISTOGRAM, "sglang:num_retractions"),
            row(SGLANG, "llm.running", GAUGE, "sglang:num_running_reqs"),
            row(SGLANG, "llm.waiting", GAUGE, "sglang:num_queue_reqs"),
            row(SGLANG, "llm.kv_cache.usage", GAUGE, "sglang:token_usage"),
            row(TENSORRT_LLM, "llm.ttft", HISTOGRAM_SECONDS, "trtllm_time_to_first_token_seconds"),
            row(TENSORRT_LLM, "llm.tpot", HISTOGRAM_SECONDS, "trtllm_time_per_output_token_seconds"),
            row(TENSORRT_LLM, "llm.latency", HISTOGRAM_SECONDS, "trtllm_e2e_request_latency_seconds"),
            row(TENSORRT_LLM, "llm.queue", HISTOGRAM_SECONDS, "trtllm_request_queue_time_seconds"),
            row(TENSORRT_LLM, "llm.prefill", HISTOGRAM_SECONDS, "trtllm_request_prefill_time_seconds"),
            row(TENSORRT_LLM, "llm.decode", HISTOGRAM_SECONDS, "trtllm_request_decode_time_seconds"),
            row(TENSORRT_LLM, "llm.requests", OUTCOMES, "trtllm_request_success", "trtllm_request_error"),
            row(TENSORRT_LLM, "llm.generated_tokens", COUNTER, "trtllm_generation_tokens"),
            row(TENSORRT_LLM, "llm.running", GAUGE, "trtllm_num_requests_running"),
            row(TENSORRT_LLM, "llm.waiting", GAUGE, "trtllm_num_requests_waiting"),
            row(TENSORRT_LLM, "llm.kv_cache.usage", GAUGE, "trtllm_kv_cache_utilization"),
            row(TGI, "llm.latency", HISTOGRAM_SECONDS, "tgi_request_duration"),
            row(TGI, "llm.queue", HISTOGRAM_SECONDS, "tgi_request_queue_duration"),
            row(TGI, "llm.tokens.input", HISTOGRAM_COUNT, "tgi_request_input_length"),
            row(TGI, "llm.tokens.output", HISTOGRAM_COUNT, "tgi_request_generated_tokens"),
            row(TGI, "llm.generated_tokens", SUM_OF_HISTOGRAM, "tgi_request_generated_tokens"),
            row(TGI, "llm.requests", OUTCOMES, "tgi_request_success", "tgi_request_failure"),
            row(TGI, "llm.running", GAUGE, "tgi_batch_current_size"),
            row(TGI, "llm.waiting", GAUGE, "tgi_queue_size"),
            row(LMDEPLOY, "llm.ttft", HISTOGRAM_SECONDS, "lmdeploy:time_to_first_token_seconds"),
            row(
                    LMDEPLOY,
                    "llm.tpot.token_weighted",
                    HISTOGRAM_SECONDS,
                    "lmdeploy:iter_token_latency",
                    "lmdeploy:time_per_output_token_seconds"),
            row(LMDEPLOY, "llm.latency", HISTOGRAM_SECONDS, "lmdeploy:e2e_request_latency_seconds"),
            row(LMDEPLOY, "llm.queue", HISTOGRAM_SECONDS, "lmdeploy:request_queue_time_seconds"),
            row(LMDEPLOY, "llm.prefill", HISTOGRAM_SECONDS, "lmdeploy:request_prefill_time_seconds"),
            row(LMDEPLOY, "llm.decode", HISTOGRAM_SECONDS, "lmdeploy:request_decode_time_seconds"),
            row(LMDEPLOY, "llm.tokens.input", HISTOGRAM_COUNT, "lmdeploy:request_prompt_tokens"),
            row(LMDEPLOY, "llm.tokens.output", HISTOGRAM_COUNT, "lmdeploy:request_generation_tokens"),
            row(LMDEPLOY, "llm.requests", OUTCOMES, "lmdeploy:request_success"),
            row(LMDEPLOY, "llm.generated_tokens", COUNTER, "lmdeploy:generation_tokens"),
            row(LMDEPLOY, "llm.running", GAUGE, "lmdeploy:num_requests_running"),
            row(LMDEPLOY, "llm.waiting", GAUGE, "lmdeploy:num_requests_waiting"),
            row(LMDEPLOY, "llm.kv_cache.usage", GAUGE, "lmdeploy:kv_cache_usage_perc", "lmdeploy:gpu_cache_usage_perc"),
            row(DYNAMO, "llm.ttft", HISTOGRAM_SECONDS, "dynamo_frontend_time_to_first_token_seconds"),
            row(DYNAMO, "llm.tpot.token_weighted", HISTOGRAM_SECONDS, "dynamo_frontend_inter_token_latency_seconds"),
            row(DYNAMO, "llm.latency", HISTOGRAM_SECONDS, "dynamo_frontend_request_duration_seconds"),
            row(DYNAMO, "llm.tokens.input", HISTOGRAM_COUNT, "dynamo_frontend_input_sequence_tokens"),
            row(DYNAMO, "llm.tokens.output", HISTOGRAM_COUNT, "dynamo_frontend_output_sequence_tokens"),
            row(DYNAMO, "llm.requests", OUTCOMES, "dynamo_frontend_requests"),
            row(DYNAMO, "llm.generated_tokens", COUNTER, "dynamo_frontend_output_tokens"),
            row(DYNAMO, "llm.inflight", GAUGE, "dynamo_frontend_inflight_requests"),
            row(DYNAMO, "llm.waiting", GAUGE, "dynamo_frontend_queued_requests"),
            row(LLAMA_CPP, "llm.generated_tokens", COUNTER, "llamacpp:tokens_predicted"),
            row(LLAMA_CPP, "llm.running", GAUGE, "llamacpp:requests_processing"),
            row(LLAMA_CPP, "llm.waiting", GAUGE, "llamacpp:requests_deferred"),
            row(LLAMA_CPP, "llm.kv_cache.usage", GAUGE, "llamacpp:kv_cache_usage_ratio"),
            row(ENVOY_AI_GATEWAY, "llm.ttft", HISTOGRAM_SECONDS, "gen_ai_server_time_to_first_token_seconds"),
            row(ENVOY_AI_GATEWAY, "llm.tpot", HISTOGRAM_SECONDS, "gen_ai_server_time_per_output_token_seconds"),
            row(ENVOY_AI_GATEWAY, "llm.latency", HISTOGRAM_SECONDS, "gen_ai_server_request_duration_seconds"),
            row(ENVOY_AI_GATEWAY, "llm.tokens.input", HISTOGRAM_COUNT, "gen_ai_client_token_usage")
                    .where("gen_ai_token_type", "input"),
            row(ENVOY_AI_GATEWAY, "llm.tokens.output", HISTOGRAM_COUNT, "gen_ai_client_token_usage")
                    .where("gen_ai_token_type", "output"),
            row(TRITON, "llm.ttft", HISTOGRAM_MILLIS, "nv_inference_first_response_histogram_ms"),
            row(TRITON, "llm.requests", OUTCOMES, "nv_inference_request_success", "nv_inference_request_failure"),
            row(TRITON, "llm.running", GAUGE, "nv_trt_llm_request_metrics").where("request_type", "scheduled"),
            row(TRITON, "llm.waiting", GAUGE, "nv_trt_llm_request_metrics").where("request_type", "waiting"),
            row(TRITON, "llm.waiting", GAUGE, "nv_inference_pending_request_count"),
            row(TRITON, "llm.kv_cache.usage", GAUGE, "nv_trt_llm_kv_cache_block_metrics")
                    .where("kv_cache_block_type", "fraction"));

    /** Known, and not taken for what it looks like. */
    static final Map<String, String> NOT_TAKEN = Map.of(
            "tgi_request_mean_time_per_token_duration",
            "spreads prefill and the first token over all tokens: not the time per token after the first",
            "tgi_request_inference_duration",
            "prefill and decode in one",
            "vllm:request_inference_time_seconds",
            "prefill and decode in one; they are taken apart",
            "vllm:prefix_cache_queries",
            "counted again at each scheduling retry by many releases",
            "vllm:prefix_cache_hits",
            "counted again at each scheduling retry by many releases",
            "llamacpp:prompt_tokens_seconds",
            "begins anew at each reading, so that two readers spoil each other's",
            "llamacpp:predicted_tokens_seconds",
            "begins anew at each reading, so that two readers spoil each other's",
            "nv_inference_queue_duration_us",
            "a running total of time gives means only",
            "nv_inference_request_duration_us",
            "a running total of time gives means only");

    private static final Set<String> FAMILIES = families();

    private Aliases() {}

    private static Set<String> families() {
        Set<String> families = new HashSet<>();
        TABLE.forEach(row -> families.addAll(row.families()));
        return families;
    }

    /** Whether a row names this family, by whatever prefix a relay put before it. */
    static boolean isKnown(String plainName) {
        return FAMILIES.contains(nativeName(plainName));
    }

    /**
     * As the engine itself would write it: Ray and KServe put a prefix before vLLM's names, some relays know no colons, and
     * TensorRT-LLM once had one.
     */
    static String nativeName(String plainName) {
        String name = plainName;
        for (String prefix : List.of("ray_", "kserve_")) {
            if (name.startsWith(prefix)) {
                name = name.substring(prefix.length());
            }
        }
        for (String engine : List.of("vllm", "sglang", "lmdeploy", "llamacpp")) {
            if (name.startsWith(engine + "_")) {
                name = engine + ":" + name.substring(engine.length() + 1);
            }
        }
        return name.startsWith("trtllm:") ? "trtllm_" + name.substring("trtllm:".length()) : name;
    }
}
