package io.inferwatch.collector.scrape;

import io.inferwatch.collector.LabelSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** What becomes of the labels on a page. */
final class ServerLabels {
    private static final List<String> MODEL =
            List.of("model_name", "model", "gen_ai_request_model", "gen_ai_response_model", "name");
    private static final int LONGEST_MODEL = 256;
    /** The ranks of one replica all see the same requests; those of data parallelism see their own. */
    private static final List<String> SAME_REQUESTS = List.of("tp_rank", "pp_rank");

    private final String server;

    ServerLabels(String server) {
        this.server = server;
    }

    /**
     * Whether a series tells of requests of this server, and tells what no other series does. The router of vLLM's production
     * stack writes families of vLLM's names about servers it knows.
     */
    static boolean isOwn(Map<String, String> labels) {
        boolean isOfARouter = labels.containsKey("server") && modelOf(labels).isEmpty();
        return !isOfARouter
                && SAME_REQUESTS.stream()
                        .allMatch(rank -> labels.getOrDefault(rank, "0").equals("0"));
    }

    static Optional<String> modelOf(Map<String, String> labels) {
        return MODEL.stream()
                .map(name -> labels.getOrDefault(name, ""))
                .filter(value -> !value.isEmpty())
                .findFirst()
                .map(model -> model.length() > LONGEST_MODEL ? model.substring(0, LONGEST_MODEL) + "…" : model);
    }

    LabelSet server() {
        return LabelSet.of("server", server, "observer", "scrape");
    }

    LabelSet of(Map<String, String> labels) {
        return modelOf(labels)
                .map(model -> server().plus(LabelSet.of("model", model)))
                .orElseGet(this::server);
    }

    LabelSet of(Map<String, String> labels, Outcomes.Ended ended) {
        Map<String, String> told = new LinkedHashMap<>();
        told.put("outcome", ended.outcome());
        ended.finishReason().ifPresent(reason -> told.put("finish_reason", reason));
        return of(labels).plus(LabelSet.of(told));
    }

    /** Whether two readings count from the same start, as far as the page says. */
    static boolean isSameEpoch(OptionalDouble before, OptionalDouble now) {
        return before.isEmpty() || now.isEmpty() || Math.abs(now.getAsDouble() - before.getAsDouble()) < 1;
    }
}
