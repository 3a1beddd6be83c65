package io.inferwatch.api.http;

import io.inferwatch.histograms.Mark;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A mark on the time axis in JSON. */
final class MarkShape {
    private MarkShape() {}

    static Map<String, @Nullable Object> of(Mark mark) {
        return Shape.object()
                .with("time", Times.format(mark.at()))
                .with("kind", mark.kind())
                .with("labels", mark.labels().asMap())
                .with("text", mark.text())
                .done();
    }
}
