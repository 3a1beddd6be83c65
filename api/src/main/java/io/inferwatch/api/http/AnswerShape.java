package io.inferwatch.api.http;

import io.inferwatch.histograms.Answer;
import io.inferwatch.histograms.Bracket;
import io.inferwatch.histograms.Provenance;
import io.inferwatch.rules.yaml.Durations;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The common form of every query's answer. */
final class AnswerShape {
    /** A histogram cell of three significant digits is at most so wide, as a share of its value. */
    private static final double RELATIVE_ERROR = 0.001;

    private AnswerShape() {}

    /** Puts one value into a series, or, with a step, into one of its windows. */
    @FunctionalInterface
    interface ValueWriter<T> {
        void write(Shape shape, Provenance provenance, T value, boolean isStep);
    }

    static <T> Map<String, @Nullable Object> of(Answer<T> answer, ValueWriter<T> writer) {
        return of(answer, shape -> {}, writer);
    }

    static <T> Map<String, @Nullable Object> of(Answer<T> answer, Consumer<Shape> asked, ValueWriter<T> writer) {
        Shape shape = Shape.object()
                .with("metric", answer.metric().name())
                .with("unit", answer.metric().unit().symbol())
                .with("definition", answer.metric().definition());
        asked.accept(shape);
        return shape.with("outcome", answer.outcome())
                .with("from", Times.format(answer.from()))
                .with("to", Times.format(answer.to()))
                .with("step", answer.step().map(step -> Durations.format(step)))
                .with(
                        "series",
                        answer.groups().stream()
                                .map(group -> series(group, answer.step().isPresent(), writer))
                                .toList())
                .done();
    }

    private static <T> Map<String, @Nullable Object> series(
            Answer.Group<T> group, boolean hasStep, ValueWriter<T> writer) {
        Shape shape = Shape.object().with("labels", group.labels().asMap());
        shape.with(
                "count", group.points().stream().mapToLong(Answer.Point::count).sum());
        if (hasStep) {
            shape.with(
                    "windows",
                    group.points().stream()
                            .map(point -> window(group.provenance(), point, writer))
                            .toList());
        } else {
            writer.write(shape, group.provenance(), group.points().getFirst().value(), false);
        }
        long clamped =
                group.points().stream().mapToLong(Answer.Point::clampedCount).sum();
        if (clamped > 0) {
            shape.with("clamped", clamped);
        }
        shape.with("provenance", word(group.provenance()));
        if (!group.observers().isEmpty()) {
            shape.with("observer", String.join(",", group.observers()));
        }
        if (group.provenance() instanceof Provenance.Bucketed bucketed) {
            return shape.with("schema", bucketed.schema()).done();
        }
        return shape.with("relative_error", RELATIVE_ERROR).done();
    }

    private static <T> Map<String, @Nullable Object> window(
            Provenance provenance, Answer.Point<T> point, ValueWriter<T> writer) {
        Shape shape = Shape.object().with("from", Times.format(point.from())).with("count", point.count());
        writer.write(shape, provenance, point.value(), true);
        return shape.done();
    }

    /** A value that bucketed data knows only between two bounds: there always a bracket, so that a reader can rely on it. */
    static Object number(Bracket value, Provenance provenance) {
        return provenance instanceof Provenance.Bucketed ? bracket(value) : value.estimate();
    }

    /** A value that bucketed data may know exactly: a mean, a sum, the share at a bucket's bound. */
    static Object numberOrBracket(Bracket value) {
        return value.isExact() ? value.estimate() : bracket(value);
    }

    private static Map<String, @Nullable Object> bracket(Bracket value) {
        Shape shape = Shape.object().with("lo", value.lo()).with("estimate", value.estimate());
        return (Double.isInfinite(value.hi()) ? shape.withNull("hi") : shape.with("hi", value.hi())).done();
    }

    static String word(Provenance provenance) {
        return switch (provenance) {
            case Provenance.Exact exact -> "exact";
            case Provenance.Bucketed bucketed -> "bucketed";
            case Provenance.Overflow overflow -> "overflow";
        };
    }

    /** What a list of anything answers with. */
    static Map<String, @Nullable Object> list(String key, List<?> items) {
        return Shape.object().with(key, items).done();
    }
}
