package io.inferwatch.collector.scrape;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** How each engine says what became of a request. */
final class Outcomes {
    /** @param finishReason where the engine says one */
    record Ended(String outcome, Optional<String> finishReason) {}

    private static final Map<String, String> BY_FAMILY = Map.of(
            "sglang:num_aborted_requests", "client_abort",
            "trtllm_request_error", "error",
            "nv_inference_request_failure", "error",
            "tgi_request_failure", "error");

    /** What stands in the label {@code finished_reason}, {@code err}, {@code reason}, {@code status} or {@code error_type}. */
    private static final Map<String, String> BY_WORD = Map.ofEntries(
            Map.entry("abort", "client_abort"),
            Map.entry("canceled", "client_abort"),
            Map.entry("cancelled", "client_abort"),
            Map.entry("dropped", "client_abort"),
            Map.entry("error", "error"),
            Map.entry("backend", "error"),
            Map.entry("other", "error"),
            Map.entry("generation", "error"),
            Map.entry("incomplete", "error"),
            Map.entry("internal", "error"),
            Map.entry("overloaded", "rejected"),
            Map.entry("rejected", "rejected"),
            Map.entry("validation", "rejected"),
            Map.entry("template", "rejected"));

    private Outcomes() {}

    static Ended of(String family, Map<String, String> labels) {
        String otherwise = BY_FAMILY.getOrDefault(family, "success");
        Optional<String> reason = Optional.ofNullable(labels.get("finished_reason"));
        String outcome = otherwise;
        for (String label : new String[] {"status", "error_type", "reason", "err", "finished_reason"}) {
            String word = labels.getOrDefault(label, "").toLowerCase(Locale.ROOT);
            outcome = BY_WORD.getOrDefault(word, outcome);
        }
        return new Ended(outcome, reason.filter(word -> !word.isEmpty()));
    }
}
