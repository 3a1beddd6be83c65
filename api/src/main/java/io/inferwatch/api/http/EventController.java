package io.inferwatch.api.http;

import io.inferwatch.api.app.Live;
import io.inferwatch.collector.LabelSet;
import io.inferwatch.histograms.Mark;
import io.micronaut.core.type.Argument;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpParameters;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.serde.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Marks on the time axis: deploys, notes, what happened besides. */
@Controller("/api/v1")
@ExecuteOn(HttpPool.NAME)
final class EventController {
    private static final Set<String> FIELDS = new LinkedHashSet<>(List.of("kind", "labels", "text", "time"));
    private static final int MOST_AT_ONCE = 100;
    private static final long PATIENCE_SECONDS = 10;
    private static final Duration OLDEST = Duration.ofDays(400);
    private static final Duration AHEAD = Duration.ofSeconds(60);

    private final Live live;

    EventController(Live live) {
        this.live = live;
    }

    @Post("/events")
    @Consumes(MediaType.ALL)
    HttpResponse<?> take(HttpRequest<?> request, @Body @Nullable String body) {
        SelectionParameters.requireOnly(request.getParameters());
        Instant now = live.parts().clock().instant();
        List<Mark> marks = new ArrayList<>();
        for (Object event : events(request, body == null ? "" : body)) {
            marks.add(mark(event, marks.size() + 1, now));
        }
        List<CompletableFuture<Mark>> stored =
                marks.stream().map(live.parts().marks()::add).toList();
        try {
            CompletableFuture.allOf(stored.toArray(CompletableFuture[]::new))
                    .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .join();
        } catch (CompletionException e) {
            throw new ProblemException(
                    HttpStatus.SERVICE_UNAVAILABLE,
                    "the database did not take the mark; it is in force until the next start: " + e.getCause(),
                    List.of(),
                    Optional.of(Duration.ofSeconds(10)));
        }
        return HttpResponse.accepted().body(Map.of("accepted", marks.size()));
    }

    /** An object, an array of them, or a line each. */
    private static List<Object> events(HttpRequest<?> request, String body) {
        boolean isLines = request.getHeaders()
                .findFirst(HttpHeaders.CONTENT_TYPE)
                .orElse("")
                .startsWith("application/x-ndjson");
        List<Object> events = new ArrayList<>();
        if (isLines) {
            body.lines().filter(line -> !line.isBlank()).forEach(line -> events.add(parse(line)));
        } else if (parse(body) instanceof List<?> list) {
            events.addAll(list);
        } else {
            events.add(parse(body));
        }
        if (events.isEmpty() || events.size() > MOST_AT_ONCE) {
            throw ProblemException.badRequest(
                    events.size() + " events; there may be 1 to " + MOST_AT_ONCE + " in one body");
        }
        return events;
    }

    private static Object parse(String json) {
        try {
            Object value = ObjectMapper.getDefault().readValue(json, Argument.of(Object.class));
            if (value != null) {
                return value;
            }
        } catch (IOException e) {
            throw ProblemException.badRequest("the body is no JSON: " + e.getMessage());
        }
        throw ProblemException.badRequest(
                "the body is empty; send {\"kind\": \"deploy\", \"labels\": {…}, \"text\": …}");
    }

    private static Mark mark(Object event, int number, Instant now) {
        String where = "event " + number + ": ";
        if (!(event instanceof Map<?, ?> fields)) {
            throw ProblemException.badRequest(where + "an object is expected");
        }
        for (Object name : fields.keySet()) {
            if (!FIELDS.contains(String.valueOf(name))) {
                throw ProblemException.badRequest(
                        where + "unknown field \"" + name + "\"; there are " + String.join(", ", FIELDS));
            }
        }
        try {
            return new Mark(
                    time(fields.get("time"), where, now),
                    text(fields.get("kind"), "kind", where),
                    labels(fields.get("labels"), where),
                    fields.get("text") == null ? "" : text(fields.get("text"), "text", where));
        } catch (IllegalArgumentException e) {
            throw ProblemException.badRequest(where + e.getMessage());
        }
    }

    private static Instant time(@Nullable Object value, String where, Instant now) {
        if (value == null) {
            return now;
        }
        Instant time = Times.required(where + "time", String.valueOf(value), now);
        if (time.isAfter(now.plus(AHEAD)) || time.isBefore(now.minus(OLDEST))) {
            throw ProblemException.badRequest(
                    where + "time: " + time + " is further ahead than 60 s or older than 400 days");
        }
        return time.isAfter(now) ? now : time;
    }

    private static String text(@Nullable Object value, String field, String where) {
        if (value instanceof String text) {
            return text;
        }
        throw ProblemException.badRequest(where + field + ": a text is " + (value == null ? "missing" : "expected"));
    }

    private static LabelSet labels(@Nullable Object value, String where) {
        if (value == null) {
            return LabelSet.EMPTY;
        }
        if (!(value instanceof Map<?, ?> map)) {
            throw ProblemException.badRequest(where + "labels: an object of texts is expected");
        }
        Map<String, String> labels = new TreeMap<>();
        map.forEach((name, text) -> labels.put(String.valueOf(name), text(text, "labels." + name, where)));
        return LabelSet.of(labels);
    }

    @Get("/events")
    Map<String, @Nullable Object> list(HttpRequest<?> request) {
        HttpParameters parameters = request.getParameters();
        Instant now = live.parts().clock().instant();
        Instant to = parameters
                .getFirst("to")
                .map(text -> Times.required("to", text, now))
                .orElse(now.plusMillis(1));
        Instant from = Times.required("from", parameters.getFirst("from").orElse("-1d"), now);
        Optional<String> kind = parameters.getFirst("kind");
        List<Object> marks = new ArrayList<>();
        for (Mark mark : live.parts().marks().between(from, to)) {
            if (kind.map(mark.kind()::equals).orElse(true)) {
                marks.add(MarkShape.of(mark));
            }
        }
        return Shape.object().with("events", marks).done();
    }
}
