package io.inferwatch.api.http;

import io.inferwatch.api.app.Live;
import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.collector.catalogue.MetricCatalogue;
import io.inferwatch.histograms.Answer;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which metrics there are, and which series each has. */
@Controller("/api/v1")
@ExecuteOn(HttpPool.NAME)
final class CatalogueController {
    private final Live live;

    CatalogueController(Live live) {
        this.live = live;
    }

    @Get("/metrics")
    Object metrics() {
        return AnswerShape.list(
                "metrics",
                MetricCatalogue.all().stream().map(CatalogueController::shape).toList());
    }

    private static Map<String, @Nullable Object> shape(Metric metric) {
        return Shape.object()
                .with("name", metric.name())
                .with("kind", metric.kind().name().toLowerCase(Locale.ROOT))
                .with("unit", metric.unit().symbol())
                .with("definition", metric.definition())
                .with("labels", metric.labels())
                .done();
    }

    @Get("/series")
    Object series(HttpRequest<?> request) {
        Optional<Metric> one = request.getParameters().getFirst("metric").map(SelectionParameters::metric);
        List<Metric> metrics = one.map(List::of).orElseGet(MetricCatalogue::all);
        List<Object> series = new ArrayList<>();
        for (Metric metric : metrics) {
            for (Answer.SeriesInfo info : live.parts().queries().series(metric.name())) {
                series.add(shape(metric, info));
            }
        }
        return AnswerShape.list("series", series);
    }

    private static Map<String, @Nullable Object> shape(Metric metric, Answer.SeriesInfo info) {
        return Shape.object()
                .with("metric", metric.name())
                .with("labels", info.labels().asMap())
                .with("observer", info.labels().get("observer"))
                .with("overflow", info.overflow())
                .with("live", info.live())
                .with("first", info.stored().map(stored -> Times.format(stored.first())))
                .with("last", info.stored().map(stored -> Times.format(stored.last())))
                .done();
    }
}
