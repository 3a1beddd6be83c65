package io.inferwatch.api.http;

import io.inferwatch.api.app.Live;
import io.inferwatch.api.app.ProxyStatus;
import io.inferwatch.collector.proxy.InterChunk;
import io.micronaut.core.type.Argument;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.serde.ObjectMapper;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where {@code inferwatch proxy} tells, each second, how its proxies are. */
@Controller("/api/v1/proxies")
@ExecuteOn(HttpPool.NAME)
final class ProxiesController {
    private static final int MOST_PROXIES = 256;
    private static final int MOST_TEXT = 256;
    private static final int MOST_GAPS = 20_000;

    private final Live live;

    ProxiesController(Live live) {
        this.live = live;
    }

    @Post
    HttpResponse<?> tell(@Body String json) {
        List<ProxyStatus> told = new ArrayList<>();
        Instant now = live.parts().clock().instant();
        Map<String, Object> body = body(json);
        for (Object each : list(body, "proxies")) {
            if (!(each instanceof Map<?, ?> fields) || told.size() == MOST_PROXIES) {
                throw ProblemException.badRequest(
                        "proxies: a list of at most " + MOST_PROXIES + " objects is expected");
            }
            told.add(new ProxyStatus(
                    text(fields, "server"),
                    "own",
                    text(fields, "listen"),
                    text(fields, "upstream"),
                    whole(fields, "inflight"),
                    whole(fields, "oldest_inflight_us"),
                    Boolean.TRUE.equals(fields.get("up")),
                    whole(fields, "dropped"),
                    now));
        }
        List<InterChunk> gaps = body.containsKey("inter_chunk") ? gaps(list(body, "inter_chunk")) : List.of();
        if (!told.isEmpty()) {
            live.parts().proxyGauges().tell(told);
        }
        if (!gaps.isEmpty()) {
            live.parts().proxyGauges().tellGaps(gaps);
        }
        return HttpResponse.noContent();
    }

    private static List<InterChunk> gaps(List<?> told) {
        List<InterChunk> gaps = new ArrayList<>();
        for (Object each : told) {
            if (!(each instanceof Map<?, ?> fields) || gaps.size() == MOST_GAPS) {
                throw ProblemException.badRequest(
                        "inter_chunk: a list of at most " + MOST_GAPS + " objects is expected");
            }
            gaps.add(new InterChunk(
                    text(fields, "server"),
                    text(fields, "model"),
                    text(fields, "outcome"),
                    whole(fields, "us"),
                    Math.max(1, whole(fields, "count"))));
        }
        return gaps;
    }

    private static Map<String, Object> body(String json) {
        try {
            Map<String, Object> body =
                    ObjectMapper.getDefault().readValue(json, Argument.mapOf(String.class, Object.class));
            return body == null ? Map.of() : body;
        } catch (IOException e) {
            throw ProblemException.badRequest("the body is no JSON: " + e.getMessage());
        }
    }

    private static List<?> list(Map<String, Object> body, String name) {
        if (body.get(name) instanceof List<?> list) {
            return list;
        }
        throw ProblemException.badRequest("the body has no list at " + name + "; inferwatch proxy sends one");
    }

    private static String text(Map<?, ?> fields, String name) {
        if (fields.get(name) instanceof String text && !text.isBlank() && text.length() <= MOST_TEXT) {
            return text;
        }
        throw ProblemException.badRequest(name + ": a text of 1 to " + MOST_TEXT + " characters is expected");
    }

    private static long whole(Map<?, ?> fields, String name) {
        @Nullable Object value = fields.get(name);
        if (value instanceof Number number && number.longValue() >= 0) {
            return number.longValue();
        }
        throw ProblemException.badRequest(name + ": a whole number from 0 is expected");
    }
}
