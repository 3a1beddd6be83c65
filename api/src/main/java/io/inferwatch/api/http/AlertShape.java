package io.inferwatch.api.http;

import io.inferwatch.notifier.PastAlert;
import io.inferwatch.notifier.conversation.Ack;
import io.inferwatch.rules.Alert;
import io.inferwatch.rules.AlertState;
import io.inferwatch.rules.LeafEvidence;
import io.inferwatch.rules.yaml.Durations;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** Alerts and their reasons in JSON. */
final class AlertShape {
    private AlertShape() {}

    /** @param ack who took it on, where somebody did */
    static Map<String, @Nullable Object> of(Alert alert, @Nullable Ack ack) {
        Shape shape =
                Shape.object().with("id", alert.id()).with("rule", alert.key().rule());
        switch (alert.state()) {
            case AlertState.Ok ok -> shape.with("state", "ok");
            case AlertState.Pending pending ->
                shape.with("tier", pending.tier().name())
                        .with("state", "pending")
                        .with("since", Times.format(pending.since()));
            case AlertState.Firing firing ->
                shape.with("tier", firing.tier().name())
                        .with("state", "firing")
                        .with("since", Times.format(firing.since()))
                        .with("fired_at", Times.format(firing.firedAt()));
        }
        return acked(shape.with("labels", alert.labels().asMap()).with("stale", alert.stale()), ack)
                .with("summary", alert.summary())
                .with("description", Optional.of(alert.description()).filter(text -> !text.isEmpty()))
                .with("runbook", alert.runbook())
                .with("value", alert.value())
                .with("why", why(alert.why()))
                .with("gpus", GpuWindowShape.of(alert.gpus()))
                .done();
    }

    private static Shape acked(Shape shape, @Nullable Ack ack) {
        return ack == null ? shape.withNull("acked") : shape.with("acked", of(ack));
    }

    static Map<String, @Nullable Object> of(Ack ack) {
        return Shape.object()
                .with("by", ack.by())
                .with("at", Times.format(ack.at()))
                .with("tier", ack.tier().name())
                .done();
    }

    static Map<String, @Nullable Object> of(PastAlert past) {
        Shape shape = Shape.object()
                .with("id", past.id())
                .with("rule", past.rule())
                .with("tier", past.tier().name())
                .with("state", past.closedAt().isPresent() ? "closed" : "firing")
                .with("labels", past.labels().asMap())
                .with("fired_at", Times.format(past.firedAt()))
                .with("closed_at", past.closedAt().map(Times::format))
                .with("reason", past.reason())
                .with("stale", false);
        return acked(shape, past.ack().orElse(null))
                .with("muted_by", Optional.of(past.mutedBy()).filter(by -> !by.isEmpty()))
                .with("summary", past.summary())
                .with("value", past.value())
                .with("why", List.of())
                .done();
    }

    static List<Map<String, @Nullable Object>> why(List<LeafEvidence> leaves) {
        return leaves.stream().map(AlertShape::leaf).toList();
    }

    private static Map<String, @Nullable Object> leaf(LeafEvidence leaf) {
        Shape shape = Shape.object().with("leaf", leaf.leaf());
        number(shape, "value", leaf.value());
        shape.with("unit", leaf.unit()).with("op", leaf.op());
        number(shape, "threshold", leaf.threshold());
        shape.with("held", Durations.format(leaf.held()));
        if (leaf.result().isPresent()) {
            shape.with("result", leaf.result().get());
        } else {
            shape.withNull("result").with("reason", leaf.reason());
        }
        shape.with("samples", leaf.samples());
        number(shape, "baseline", leaf.baseline());
        return shape.with("spark", leaf.spark()).done();
    }

    private static void number(Shape shape, String key, OptionalDouble value) {
        if (value.isPresent()) {
            shape.with(key, value.getAsDouble());
        } else {
            shape.withNull(key);
        }
    }
}
