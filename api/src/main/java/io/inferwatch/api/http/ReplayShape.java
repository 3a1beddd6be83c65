package io.inferwatch.api.http;

import io.inferwatch.api.app.ReplayDiff;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What one rule set would have opened and another not, in JSON. */
final class ReplayShape {
    private ReplayShape() {}

    static Map<String, @Nullable Object> of(ReplayDiff diff) {
        return Shape.object()
                .with("from", Times.format(diff.from()))
                .with("to", Times.format(diff.to()))
                .with("complete", diff.complete())
                .with("text", diff.text())
                .with(
                        "rules",
                        diff.rules().stream()
                                .map(of -> Shape.object()
                                        .with("rule", of.rule())
                                        .with("tier", of.tier().name())
                                        .with("now", of.now())
                                        .with("then", of.then())
                                        .done())
                                .toList())
                .done();
    }
}
