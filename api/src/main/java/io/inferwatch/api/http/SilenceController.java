package io.inferwatch.api.http;

import io.inferwatch.api.app.Live;
import io.inferwatch.api.app.Parts;
import io.inferwatch.histograms.LabelMatcher;
import io.inferwatch.rules.AlertMatch;
import io.inferwatch.rules.Rule;
import io.inferwatch.rules.Silence;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Delete;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Who wants not to be told of what, until when, and why. */
@Controller("/api/v1/silences")
@ExecuteOn(HttpPool.NAME)
final class SilenceController {
    private final Live live;

    SilenceController(Live live) {
        this.live = live;
    }

    @Get
    Object silences() {
        Parts parts = live.parts();
        Instant now = parts.clock().instant();
        List<Object> all = new ArrayList<>();
        parts.pipeline().silences().forEach(silence -> all.add(shape(silence, "api", now)));
        parts.rules().current().plan().silences().forEach(silence -> all.add(shape(silence, "file", now)));
        return AnswerShape.list("silences", all);
    }

    @Post
    @Consumes(MediaType.ALL)
    HttpResponse<?> add(@Body @Nullable String body) {
        Parts parts = live.parts();
        Instant now = parts.clock().instant();
        Set<String> rules =
                parts.rules().current().rules().stream().map(Rule::name).collect(Collectors.toSet());
        SilenceForm form = SilenceForm.read(body == null ? "" : body, rules, now);
        try {
            Silence silence = AlertController.joined(
                    parts.pipeline().silence(form.match(), form.from(), form.until(), form.by(), form.why()));
            parts.markDesk().lookAtSilences();
            return HttpResponse.created(shape(silence, "api", now));
        } catch (IllegalStateException e) {
            throw new ProblemException(HttpStatus.CONFLICT, String.valueOf(e.getMessage()));
        }
    }

    @Delete("/{id}")
    HttpResponse<?> expire(String id) {
        Parts parts = live.parts();
        if (AlertController.joined(parts.pipeline().expireSilence(id))) {
            parts.markDesk().lookAtSilences();
            return HttpResponse.noContent();
        }
        boolean isOfFile = parts.rules().current().plan().silences().stream()
                .anyMatch(silence -> silence.id().equals(id));
        throw isOfFile
                ? new ProblemException(
                        HttpStatus.CONFLICT, "silence \"" + id + "\" stands in the rules file; remove it there")
                : new ProblemException(
                        HttpStatus.NOT_FOUND, "no silence \"" + id + "\"; GET /api/v1/silences lists them");
    }

    private static Map<String, @Nullable Object> shape(Silence silence, String source, Instant now) {
        String state = silence.isActive(now) ? "active" : silence.until().isAfter(now) ? "pending" : "expired";
        return Shape.object()
                .with("id", silence.id())
                .with("match", match(silence.match()))
                .with("from", Times.format(silence.from()))
                .with("until", Times.format(silence.until()))
                .with("by", silence.by())
                .with("why", silence.why())
                .with("state", state)
                .with("source", source)
                .done();
    }

    private static Map<String, Object> match(AlertMatch match) {
        Map<String, Object> shape = new TreeMap<>();
        match.labels().forEach(label -> shape.put(label.label(), patterns(label)));
        match.rules().ifPresent(rules -> shape.put("rule", patterns(rules)));
        if (!match.tiers().isEmpty()) {
            shape.put("tier", match.tiers().stream().map(Enum::name).sorted().toList());
        }
        return shape;
    }

    /** As it is written: a value, or a list of them. */
    private static Object patterns(LabelMatcher matcher) {
        List<String> written = matcher.patterns().stream()
                .map(pattern -> matcher.negated() ? "!" + pattern : pattern)
                .toList();
        return written.size() == 1 ? written.getFirst() : written;
    }
}
