package io.inferwatch.api.http;

import io.inferwatch.api.app.Live;
import io.inferwatch.api.app.Parts;
import io.inferwatch.gpu.FlightRecord;
import io.inferwatch.notifier.HistoryFilter;
import io.inferwatch.notifier.PastAlert;
import io.inferwatch.notifier.channel.Delivery;
import io.inferwatch.notifier.conversation.Ack;
import io.inferwatch.rules.Alert;
import io.inferwatch.rules.AlertState;
import io.inferwatch.rules.Tier;
import io.inferwatch.rules.engine.RuleEngine;
import io.micronaut.http.HttpParameters;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What fires, what fired, and who was told. */
@Controller("/api/v1")
@ExecuteOn(HttpPool.NAME)
final class AlertController {
    private static final Set<String> STATES = Set.of("firing", "pending", "closed");
    private static final Duration DEFAULT_HISTORY = Duration.ofDays(1);
    private static final int DELIVERIES = 100;
    private static final long PATIENCE_SECONDS = 10;

    private final Live live;

    AlertController(Live live) {
        this.live = live;
    }

    @Get("/alerts")
    Object alerts(HttpRequest<?> request) {
        HttpParameters parameters = request.getParameters();
        Set<String> states = states(parameters);
        Optional<Tier> tier = parameters.getFirst("tier").map(AlertController::tier);
        Optional<String> rule = parameters.getFirst("rule");
        Map<String, Ack> acks = live.parts().pipeline().acks();
        Set<String> records = live.parts().gpus().flightRecords();
        List<Object> alerts = new ArrayList<>();
        for (Alert alert : live.parts().engine().alerts()) {
            if (states.contains(stateOf(alert))
                    && rule.map(name -> name.equals(alert.key().rule())).orElse(true)
                    && tier.map(wanted -> tierOf(alert).equals(Optional.of(wanted)))
                            .orElse(true)) {
                alerts.add(withRecord(alert.id(), AlertShape.of(alert, acks.get(alert.id())), records));
            }
        }
        if (states.contains("closed")) {
            history(parameters, tier, rule)
                    .forEach(past -> alerts.add(withRecord(past.id(), AlertShape.of(past), records)));
        }
        return AnswerShape.list("alerts", alerts);
    }

    /** The record itself is long, and told of one alert alone. */
    private static Map<String, @Nullable Object> withRecord(
            String id, Map<String, @Nullable Object> shape, Set<String> records) {
        if (records.contains(id)) {
            shape.put("has_flight_record", true);
        }
        return shape;
    }

    @Get("/alerts/{id}")
    Map<String, @Nullable Object> alert(String id) {
        Parts parts = live.parts();
        Optional<FlightRecord> flight = parts.gpus().flightRecord(id);
        Optional<Map<String, @Nullable Object>> running = parts.engine().alerts().stream()
                .filter(alert -> alert.id().equals(id))
                .findFirst()
                .map(alert -> AlertShape.of(alert, parts.pipeline().acks().get(id)));
        return running.or(() -> pastAlert(id))
                .map(shape -> {
                    flight.ifPresent(record -> shape.put("flight_record", FlightRecordShape.of(record)));
                    return shape;
                })
                .orElseThrow(() -> new ProblemException(
                        HttpStatus.NOT_FOUND, "no alert \"" + id + "\"; GET /api/v1/alerts lists them"));
    }

    @Post("/alerts/{id}/ack")
    @Consumes(MediaType.ALL)
    Object acknowledge(String id, @Body @Nullable String body) {
        AckForm form = AckForm.read(body == null ? "" : body);
        if (form.newNormal()) {
            acceptAsNormal(id);
        }
        Ack ack = joined(live.parts().pipeline().acknowledge(id, form.by()))
                .orElseThrow(() -> new ProblemException(
                        HttpStatus.NOT_FOUND,
                        "no pending or firing alert \"" + id + "\"; GET /api/v1/alerts?state=firing lists them"));
        return Shape.object().with("id", id).with("acked", AlertShape.of(ack)).done();
    }

    /** Only what fires against a baseline can be the new one; an alert that is not there is told by the caller. */
    private void acceptAsNormal(String id) {
        RuleEngine engine = live.parts().engine();
        engine.alerts().stream()
                .filter(alert -> alert.id().equals(id))
                .findFirst()
                .filter(alert -> !engine.acceptAsNormal(alert.key()))
                .ifPresent(alert -> {
                    throw ProblemException.badRequest(
                            "new_normal: " + alert.key().rule()
                                    + " does not fire against a baseline; acknowledge it without new_normal");
                });
    }

    private Optional<Map<String, @Nullable Object>> pastAlert(String id) {
        HistoryFilter all = new HistoryFilter(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                HistoryFilter.MAX_LIMIT);
        return joined(live.parts().pipeline().alertHistory(all)).stream()
                .filter(past -> past.id().equals(id))
                .findFirst()
                .map(AlertShape::of);
    }

    @Get("/notifications")
    Object notifications() {
        return AnswerShape.list(
                "notifications",
                joined(live.parts().pipeline().recentDeliveries(DELIVERIES)).stream()
                        .map(delivery -> Shape.object()
                                .with("id", delivery.id())
                                .with("at", Times.format(delivery.at()))
                                .with("receiver", delivery.receiver())
                                .with("key", delivery.key())
                                .with("rule", delivery.rule())
                                .with("tier", delivery.tier().name())
                                .with("kind", delivery.kind())
                                .with("outcome", delivery.outcome())
                                .with("reason", delivery.reason())
                                .with("attempt", delivery.attempt())
                                .with("latency_ms", delivery.latency().toNanos() / 1e6)
                                .done())
                        .toList());
    }

    @Post("/receivers/{name}/test")
    Object test(String name) {
        if (!live.parts().rules().current().plan().receivers().containsKey(name)) {
            throw new ProblemException(
                    HttpStatus.NOT_FOUND,
                    "no receiver \"" + name + "\" in the running rules; GET /api/v1/rules/source");
        }
        return switch (joined(live.parts().pipeline().sendTest(name))) {
            case Delivery.Delivered delivered -> Map.of("outcome", "delivered");
            case Delivery.RetryLater later -> Map.of("outcome", "retry", "reason", later.reason());
            case Delivery.Rejected rejected -> Map.of("outcome", "rejected", "reason", rejected.reason());
        };
    }

    private List<PastAlert> history(HttpParameters parameters, Optional<Tier> tier, Optional<String> rule) {
        Instant now = live.parts().clock().instant();
        Instant from = parameters
                .getFirst("from")
                .map(text -> Times.required("from", text, now))
                .orElse(now.minus(DEFAULT_HISTORY));
        Optional<Instant> to = parameters.getFirst("to").map(text -> Times.required("to", text, now));
        return joined(live.parts()
                .pipeline()
                .alertHistory(new HistoryFilter(
                        tier, rule, Optional.of(false), Optional.of(from), to, HistoryFilter.MAX_LIMIT)));
    }

    private static Set<String> states(HttpParameters parameters) {
        List<String> asked =
                parameters.getFirst("state").map(SelectionParameters::commaList).orElse(List.copyOf(STATES));
        asked.stream().filter(state -> !STATES.contains(state)).findFirst().ifPresent(state -> {
            throw ProblemException.badRequest("state: \"" + state + "\" is none of firing, pending, closed");
        });
        return new TreeSet<>(asked);
    }

    private static Tier tier(String text) {
        return Arrays.stream(Tier.values())
                .filter(tier -> tier.name().equals(text))
                .findFirst()
                .orElseThrow(() -> ProblemException.badRequest("tier: \"" + text + "\" is none of P0, P1, P2, P3"));
    }

    private static String stateOf(Alert alert) {
        return switch (alert.state()) {
            case AlertState.Ok ok -> "ok";
            case AlertState.Pending pending -> "pending";
            case AlertState.Firing firing -> "firing";
        };
    }

    private static Optional<Tier> tierOf(Alert alert) {
        return switch (alert.state()) {
            case AlertState.Ok ok -> Optional.empty();
            case AlertState.Pending pending -> Optional.of(pending.tier());
            case AlertState.Firing firing -> Optional.of(firing.tier());
        };
    }

    static <T> T joined(CompletableFuture<T> answer) {
        try {
            return answer.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            throw new ProblemException(
                    HttpStatus.SERVICE_UNAVAILABLE,
                    "the database does not answer: " + e.getCause(),
                    List.of(),
                    Optional.of(Duration.ofSeconds(5)));
        }
    }
}
