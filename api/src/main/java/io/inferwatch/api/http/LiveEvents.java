package io.inferwatch.api.http;

import io.inferwatch.api.app.Parts;
import io.inferwatch.api.stream.StreamEvent;
import io.inferwatch.api.stream.StreamHub;
import io.inferwatch.collector.catalogue.MetricCatalogue;
import io.inferwatch.gpu.GpuFleet;
import io.inferwatch.gpu.GpuFleet.Latest;
import io.inferwatch.gpu.Reading;
import io.inferwatch.gpu.Samples;
import io.inferwatch.histograms.Across;
import io.inferwatch.histograms.Aggregate;
import io.inferwatch.histograms.Answer;
import io.inferwatch.histograms.Mark;
import io.inferwatch.histograms.QueryRange;
import io.inferwatch.histograms.Selection;
import io.inferwatch.notifier.conversation.Ack;
import io.inferwatch.rules.Alert;
import io.inferwatch.rules.AlertState;
import io.micronaut.serde.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What {@code GET /api/v1/stream} tells: the 10 s window that is being filled, every other second, and each once more when
 * it is closed; the GPUs, every other second; an alert whenever it changes; a mark when it is made. One thread.
 */
final class LiveEvents implements StreamHub.Source {
    private static final Duration WINDOW = Duration.ofSeconds(10);
    /** Records of the last moment of a window are in it by then. */
    private static final Duration SETTLED = Duration.ofSeconds(1);

    private static final List<String> LATENCIES = List.of("llm.ttft", "llm.tpot");
    private static final List<BigDecimal> RANKS =
            List.of(BigDecimal.valueOf(50), BigDecimal.valueOf(95), BigDecimal.valueOf(99));
    private static final List<String> RANK_KEYS = List.of("p50", "p95", "p99");
    private static final Set<String> GPU_READINGS =
            Set.of("gpu.sm.utilization", "gpu.memory.used", "gpu.power", "gpu.temperature", "gpu.clock.sm");

    private final Parts parts;
    private final Queue<Mark> marks;
    private final Map<String, Map<String, @Nullable Object>> toldAlerts = new HashMap<>();
    private final Map<String, String> alertStates = new HashMap<>();
    private @Nullable Instant openWindow;
    private long looks;

    /** @param marks where marks that are made while it runs wait for it */
    LiveEvents(Parts parts, Queue<Mark> marks) {
        this.parts = parts;
        this.marks = marks;
    }

    @Override
    public List<StreamEvent> look() {
        List<StreamEvent> events = new ArrayList<>();
        Instant now = parts.clock().instant();
        boolean isTurn = looks++ % 2 == 0;
        windows(events, now, isTurn);
        if (isTurn) {
            events.add(event("gpu", gpus(now)));
        }
        alerts(events);
        for (Mark mark = marks.poll(); mark != null; mark = marks.poll()) {
            events.add(event("mark", MarkShape.of(mark)));
        }
        return events;
    }

    private void windows(List<StreamEvent> events, Instant now, boolean isTurn) {
        Instant settled = windowOf(now.minus(SETTLED));
        Instant before = openWindow;
        if (before != null && settled.isAfter(before)) {
            events.add(event("window", window(before, false)));
        }
        openWindow = settled;
        if (isTurn) {
            events.add(event("window", window(windowOf(now), true)));
        }
    }

    private static Instant windowOf(Instant time) {
        return Instant.ofEpochMilli(Math.floorDiv(time.toEpochMilli(), WINDOW.toMillis()) * WINDOW.toMillis());
    }

    private Map<String, @Nullable Object> window(Instant from, boolean isOpen) {
        QueryRange range = new QueryRange(from, from.plus(WINDOW), Optional.empty());
        List<Object> series = new ArrayList<>();
        LATENCIES.forEach(metric -> latency(metric, range, series));
        Answer<?> requests = parts.queries()
                .aggregate(selection("llm.requests", List.of("model", "outcome")), Aggregate.Basic.SUM, range);
        requests.groups()
                .forEach(group -> series.add(Shape.object()
                        .with("metric", "llm.requests")
                        .with("labels", group.labels().asMap())
                        .with("count", group.points().getFirst().count())
                        .done()));
        return Shape.object()
                .with("from", Times.format(from))
                .with("to", Times.format(from.plus(WINDOW)))
                .with("open", isOpen)
                .with("received_at", receivedAt())
                .with("series", series)
                .done();
    }

    private void latency(String metric, QueryRange range, List<Object> series) {
        Answer<Answer.Percentiles> answer =
                parts.queries().percentiles(selection(metric, List.of("model")), RANKS, range);
        for (Answer.Group<Answer.Percentiles> group : answer.groups()) {
            Answer.Point<Answer.Percentiles> point = group.points().getFirst();
            Map<String, Object> values = new LinkedHashMap<>();
            for (int i = 0; i < RANK_KEYS.size(); i++) {
                values.put(
                        RANK_KEYS.get(i),
                        AnswerShape.number(point.value().values().get(i), group.provenance()));
            }
            series.add(Shape.object()
                    .with("metric", metric)
                    .with("unit", answer.metric().unit().symbol())
                    .with("labels", group.labels().asMap())
                    .with("count", point.count())
                    .with("percentiles", values)
                    .done());
        }
    }

    private static Selection selection(String metric, List<String> by) {
        return new Selection(MetricCatalogue.require(metric), List.of(), by, Across.DEFAULT, Optional.empty());
    }

    /** When the journal last took anything; absent while it holds nothing. */
    private Optional<String> receivedAt() {
        long millis = parts.journal().lastReceivedEpochMillis();
        return millis > 0 ? Optional.of(Times.format(Instant.ofEpochMilli(millis))) : Optional.empty();
    }

    private Map<String, @Nullable Object> gpus(Instant now) {
        GpuFleet fleet = parts.gpus().fleet();
        return Shape.object()
                .with("at", Times.format(now))
                .with("gpus", fleet.gpus().stream().map(LiveEvents::gpu).toList())
                .with("reason", fleet.reason())
                .done();
    }

    private static Map<String, @Nullable Object> gpu(GpuFleet.Gpu gpu) {
        Map<String, Double> readings = new LinkedHashMap<>();
        for (Latest latest : gpu.readings()) {
            String metric = latest.reading().field().metric();
            if (GPU_READINGS.contains(metric)
                    && latest.reading().reading() instanceof Reading.Value<Samples>(Samples samples)) {
                readings.put(metric, samples.last());
            }
        }
        return Shape.object()
                .with("index", gpu.identity().index())
                .with("uuid", gpu.identity().uuid())
                .with(
                        "verdict",
                        Shape.object()
                                .with("state", gpu.verdict().state().name().toLowerCase(Locale.ROOT))
                                .with("reason", gpu.verdict().reason())
                                .done())
                .with("readings", readings)
                .done();
    }

    /** Those that are new or stand otherwise than when they were last told, and those that are gone. */
    private void alerts(List<StreamEvent> events) {
        Map<String, Ack> acks = parts.pipeline().acks();
        List<Alert> all = parts.engine().alerts();
        for (Alert alert : all) {
            String state = standing(alert, acks.get(alert.id()));
            if (!state.equals(alertStates.put(alert.id(), state))) {
                Map<String, @Nullable Object> shape = AlertShape.of(alert, acks.get(alert.id()));
                toldAlerts.put(alert.id(), shape);
                events.add(event("alert", shape));
            }
        }
        Set<String> open = all.stream().map(Alert::id).collect(Collectors.toSet());
        toldAlerts.entrySet().removeIf(told -> {
            boolean isGone = !open.contains(told.getKey());
            if (isGone) {
                alertStates.remove(told.getKey());
                told.getValue().put("state", "closed");
                events.add(event("alert", told.getValue()));
            }
            return isGone;
        });
    }

    /** What a change of is worth telling; values move all the time. */
    private static String standing(Alert alert, @Nullable Ack ack) {
        String state = switch (alert.state()) {
            case AlertState.Ok ok -> "ok";
            case AlertState.Pending pending -> "pending " + pending.tier();
            case AlertState.Firing firing -> "firing " + firing.tier();
        };
        return state + " " + alert.stale() + " " + (ack == null ? "" : ack.at());
    }

    private static StreamEvent event(String name, Map<String, @Nullable Object> data) {
        try {
            return new StreamEvent(name, ObjectMapper.getDefault().writeValueAsString(data));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
