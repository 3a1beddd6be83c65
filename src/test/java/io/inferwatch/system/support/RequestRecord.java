package io.inferwatch.system.support;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Optional;

/** One finished inference request as a sender reports it; times in milliseconds, to the microsecond. */
public record RequestRecord(
        String id,
        String model,
        String route,
        double ttftMs,
        double tpotMs,
        double latencyMs,
        int outputTokens,
        Optional<Instant> time) {

    public String json() {
        ObjectNode node = Json.object(
                "request_id", id,
                "model", model,
                "route", route,
                "ttft_ms", ttftMs,
                "tpot_ms", tpotMs,
                "latency_ms", latencyMs,
                "input_tokens", outputTokens * 3,
                "output_tokens", outputTokens,
                "finish_reason", "stop");
        time.ifPresent(at -> node.put("time", at.toString()));
        return node.toString();
    }

    public RequestRecord at(Instant finished) {
        return new RequestRecord(id, model, route, ttftMs, tpotMs, latencyMs, outputTokens, Optional.of(finished));
    }
}
