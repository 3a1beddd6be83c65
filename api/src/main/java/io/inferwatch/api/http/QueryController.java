package io.inferwatch.api.http;

import io.inferwatch.api.app.Live;
import io.inferwatch.api.app.Parts;
import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.histograms.Aggregate;
import io.inferwatch.histograms.Answer;
import io.inferwatch.histograms.Bracket;
import io.inferwatch.histograms.QueryRange;
import io.inferwatch.histograms.Selection;
import io.micronaut.http.HttpParameters;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Percentiles and the other questions about any stretch of time. */
@Controller("/api/v1")
@ExecuteOn(HttpPool.NAME)
final class QueryController {
    private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);
    private static final int MOST_JOINED = 10;
    private static final int DEFAULT_COLUMNS = 360;
    private static final int MOST_COLUMNS = 1_000;
    private static final List<Aggregate.Basic> WINDOW_AGGREGATES = List.of(
            Aggregate.Basic.AVG,
            Aggregate.Basic.MIN,
            Aggregate.Basic.MAX,
            Aggregate.Basic.SUM,
            Aggregate.Basic.COUNT,
            Aggregate.Basic.RATE,
            Aggregate.Basic.LAST,
            Aggregate.Basic.STDDEV);

    private final Live live;
    private final KnownLabels labels;
    private final GpuJoin gpus;

    QueryController(Live live, KnownLabels labels, GpuJoin gpus) {
        this.gpus = gpus;
        this.live = live;
        this.labels = labels;
    }

    @Get("/percentiles")
    Object percentiles(HttpRequest<?> request) {
        HttpParameters parameters = request.getParameters();
        SelectionParameters.requireKnownNames(parameters, "p");
        Map<String, BigDecimal> asked = ranks(parameters.getFirst("p").orElse("50,95,99"));
        Selection selection = SelectionParameters.read(parameters, labels);
        Answer<Answer.Percentiles> answer =
                parts().queries().percentiles(selection, List.copyOf(asked.values()), range(parameters));
        List<String> keys = List.copyOf(asked.keySet());
        return AnswerShape.of(answer, (shape, provenance, percentiles, isStep) -> {
            if (!isStep) {
                shape.with("min", AnswerShape.number(percentiles.min(), provenance))
                        .with("max", AnswerShape.number(percentiles.max(), provenance))
                        .with("mean", AnswerShape.numberOrBracket(percentiles.mean()));
            }
            Map<String, Object> values = new LinkedHashMap<>();
            for (int i = 0; i < keys.size(); i++) {
                values.put(keys.get(i), AnswerShape.number(percentiles.values().get(i), provenance));
            }
            shape.with("percentiles", values);
        });
    }

    @Get("/share")
    Object share(HttpRequest<?> request) {
        HttpParameters parameters = request.getParameters();
        SelectionParameters.requireKnownNames(parameters, "above", "below");
        Selection selection = SelectionParameters.read(parameters, labels);
        Optional<String> above = parameters.getFirst("above");
        Optional<String> below = parameters.getFirst("below");
        if (above.isPresent() == below.isPresent()) {
            throw ProblemException.badRequest("give either above or below, for example above=500ms");
        }
        String side = above.isPresent() ? "above" : "below";
        double limit = Quantities.inUnitOf(
                selection.metric(), side, above.or(() -> below).orElseThrow());
        Aggregate aggregate = above.isPresent() ? new Aggregate.ShareAbove(limit) : new Aggregate.ShareBelow(limit);
        Answer<Bracket> answer = parts().queries().aggregate(selection, aggregate, range(parameters));
        return AnswerShape.of(
                answer,
                shape -> shape.with(side, limit),
                (shape, provenance, share, isStep) -> shape.with("share", AnswerShape.numberOrBracket(share)));
    }

    @Get("/windows")
    Object windows(HttpRequest<?> request) {
        HttpParameters parameters = request.getParameters();
        SelectionParameters.requireKnownNames(parameters, "agg");
        Selection selection = SelectionParameters.read(parameters, labels);
        Aggregate.Basic aggregate = aggregate(parameters.getFirst("agg").orElse(""));
        Answer<Bracket> answer = parts().queries().aggregate(selection, aggregate, range(parameters));
        String name = aggregate.name().toLowerCase(Locale.ROOT);
        return AnswerShape.of(
                answer,
                shape -> shape.with("agg", name),
                (shape, provenance, value, isStep) -> shape.with("value", AnswerShape.numberOrBracket(value)));
    }

    @Get("/heatmap")
    Object heatmap(HttpRequest<?> request) {
        HttpParameters parameters = request.getParameters();
        SelectionParameters.requireKnownNames(parameters, "columns");
        Selection selection = SelectionParameters.read(parameters, labels);
        int columns = number(parameters, "columns", DEFAULT_COLUMNS, MOST_COLUMNS);
        Answer.Heatmap heatmap = parts().queries().heatmap(selection, range(parameters), columns);
        return AnswerShape.of(
                heatmap.counts(),
                shape -> shape.with("bounds", heatmap.bounds()),
                (shape, provenance, counts, isStep) -> shape.with("counts", counts));
    }

    @Get("/histograms")
    HttpResponse<byte[]> histograms(HttpRequest<?> request) {
        HttpParameters parameters = request.getParameters();
        SelectionParameters.requireKnownNames(parameters);
        Selection selection = SelectionParameters.read(parameters, labels);
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        parts().queries().histogramLog(selection, range(parameters), log);
        return HttpResponse.ok(log.toByteArray()).contentType(MediaType.TEXT_PLAIN_TYPE);
    }

    @Get("/requests/slowest")
    Object slowest(HttpRequest<?> request) {
        HttpParameters parameters = request.getParameters();
        SelectionParameters.requireKnownNames(parameters, "limit", "at_least", "below");
        Metric metric = SelectionParameters.metric(parameters.getFirst("metric").orElse("llm.latency"));
        Selection selection = SelectionParameters.read(parameters, metric, labels);
        QueryRange range = range(parameters);
        int limit = number(parameters, "limit", 10, 100);
        List<Map<String, @Nullable Object>> requests = new ArrayList<>();
        for (Answer.Slow one : slowest(selection, range, parameters, limit)) {
            Shape shape = Shape.object()
                    .with("request_id", one.requestId())
                    .with("at", Times.format(one.at()))
                    .with("value", one.value())
                    .with("labels", one.labels().asMap());
            // A few queries each: enough for those that are looked at.
            if (requests.size() < MOST_JOINED) {
                shape.with("gpus", gpus.ofRequest(one.labels(), one.at()));
            }
            requests.add(shape.done());
        }
        return Shape.object()
                .with("metric", metric.name())
                .with("unit", metric.unit().symbol())
                .with("from", Times.format(range.from()))
                .with("to", Times.format(range.to()))
                .with("requests", requests)
                .done();
    }

    /** Of the values from {@code at_least} to below {@code below}, where these are given. */
    private List<Answer.Slow> slowest(Selection selection, QueryRange range, HttpParameters parameters, int limit) {
        Optional<Double> atLeast = limit(selection.metric(), parameters, "at_least");
        Optional<Double> below = limit(selection.metric(), parameters, "below");
        if (atLeast.isEmpty() && below.isEmpty()) {
            return parts().queries().slowest(selection, range, limit);
        }
        double lowest = atLeast.orElse(Double.NEGATIVE_INFINITY);
        double end = below.orElse(Double.POSITIVE_INFINITY);
        if (lowest >= end) {
            throw ProblemException.badRequest("at_least: " + lowest + " is not below " + end
                    + "; give at_least a smaller value than below, for example at_least=500ms&below=1s");
        }
        // Each window keeps its slowest few: all of them are at hand.
        return parts().queries().slowest(selection, range, Integer.MAX_VALUE).stream()
                .filter(one -> one.value() >= lowest && one.value() < end)
                .limit(limit)
                .toList();
    }

    private static Optional<Double> limit(Metric metric, HttpParameters parameters, String name) {
        return parameters.getFirst(name).map(text -> Quantities.inUnitOf(metric, name, text));
    }

    private Parts parts() {
        return live.parts();
    }

    private QueryRange range(HttpParameters parameters) {
        Instant now = parts().clock().instant();
        Instant to = Times.required("to", parameters.getFirst("to").orElse("now"), now);
        Instant from = Times.required("from", parameters.getFirst("from").orElse("-15m"), now);
        return new QueryRange(from, to, parameters.getFirst("step").map(text -> Times.requiredDuration("step", text)));
    }

    /** Key as asked → rank. */
    static Map<String, BigDecimal> ranks(String list) {
        Map<String, BigDecimal> ranks = new LinkedHashMap<>();
        for (String text : SelectionParameters.fullCommaList("p", list)) {
            boolean isNumber = text.matches("\\d{1,3}(\\.\\d{1,9})?");
            BigDecimal rank = isNumber ? new BigDecimal(text) : HUNDRED.add(BigDecimal.ONE);
            if (rank.compareTo(HUNDRED) > 0) {
                throw ProblemException.badRequest("p: \"" + text + "\" is no percentile; write numbers of 0 to 100");
            }
            ranks.put("p" + text, rank);
        }
        if (ranks.isEmpty() || ranks.size() > 100) {
            throw ProblemException.badRequest("p: give 1 to 100 percentiles, for example 50,95,99.9");
        }
        return ranks;
    }

    private static Aggregate.Basic aggregate(String name) {
        return WINDOW_AGGREGATES.stream()
                .filter(aggregate -> aggregate.name().toLowerCase(Locale.ROOT).equals(name))
                .findFirst()
                .orElseThrow(() -> ProblemException.badRequest("agg: \"" + name + "\" is none of "
                        + String.join(
                                ", ",
                                new ArrayList<>(WINDOW_AGGREGATES.stream()
                                        .map(a -> a.name().toLowerCase(Locale.ROOT))
                                        .toList()))));
    }

    private static int number(HttpParameters parameters, String name, int otherwise, int most) {
        String text = parameters.getFirst(name).orElse(Integer.toString(otherwise));
        boolean fits = text.matches("\\d{1,6}") && Integer.parseInt(text) >= 1 && Integer.parseInt(text) <= most;
        if (!fits) {
            throw ProblemException.badRequest(name + ": \"" + text + "\" is no number of 1 to " + most);
        }
        return Integer.parseInt(text);
    }
}
