package io.inferwatch.api.cli;

import java.util.Map;

/** What doctor says of what comes by OTLP. */
final class OtlpChecks {
    private final Checkup checkup;

    OtlpChecks(Checkup checkup) {
        this.checkup = checkup;
    }

    /** @param sources as {@code GET /api/v1/sources} answers */
    void ofSidecar(Map<String, Object> sources) {
        if (!sources.containsKey("otlp")) {
            checkup.note("otlp", "switched off by otlp.enabled: false; what is sent is answered with 404");
            return;
        }
        Map<String, Object> otlp = Json.asObject(sources.get("otlp"));
        say("otlp traces", "calls of a model", Json.asObject(otlp.get("traces")));
        say("otlp metrics", "points", Json.asObject(otlp.get("metrics")));
    }

    private void say(String subject, String what, Map<String, Object> counts) {
        if (number(counts, "accepted") + number(counts, "rejected") + number(counts, "duplicates") == 0) {
            return;
        }
        checkup.ok(
                subject,
                number(counts, "accepted") + " " + what + " taken"
                        + (number(counts, "duplicates") > 0
                                ? ", " + number(counts, "duplicates") + " told more than once"
                                : ""));
        if (number(counts, "rejected") > 0) {
            checkup.wrong(subject, number(counts, "rejected") + " rejected, of late: " + counts.get("last_rejection"));
        }
    }

    private static long number(Map<String, Object> counts, String key) {
        return counts.get(key) instanceof Number number ? number.longValue() : 0;
    }
}
