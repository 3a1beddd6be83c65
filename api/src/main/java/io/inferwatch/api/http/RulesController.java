package io.inferwatch.api.http;

import io.inferwatch.api.app.Live;
import io.inferwatch.rules.AlertState;
import io.inferwatch.rules.engine.EngineSnapshot;
import io.inferwatch.rules.yaml.Problem;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The rules in force and why each instance is where it is. */
@Controller
@ExecuteOn(HttpPool.NAME)
final class RulesController {
    private final Live live;

    RulesController(Live live) {
        this.live = live;
    }

    @Get("/api/v1/rules")
    Object rules() {
        EngineSnapshot snapshot = live.parts().engine().snapshot();
        return Shape.object()
                .with("at", snapshot.at().map(Times::format))
                .with(
                        "rules",
                        inForce(snapshot).stream().map(RulesController::rule).toList())
                .with("replay", live.rules().replay().last().map(ReplayShape::of))
                .done();
    }

    /** Those that run since the last look have been looked at by no tick: they stand there without instances. */
    private List<EngineSnapshot.RuleStatus> inForce(EngineSnapshot snapshot) {
        Map<String, EngineSnapshot.RuleStatus> looked = new HashMap<>();
        snapshot.rules().forEach(status -> looked.put(status.rule().name(), status));
        return live.parts().rules().current().rules().stream()
                .map(rule -> looked.getOrDefault(
                        rule.name(), new EngineSnapshot.RuleStatus(rule, Optional.empty(), 0, List.of(), List.of())))
                .toList();
    }

    private static Map<String, @Nullable Object> rule(EngineSnapshot.RuleStatus status) {
        return Shape.object()
                .with("name", status.rule().name())
                .with("state", state(status))
                .with("error", status.error())
                .with(
                        "tiers",
                        status.rule().tiers().keySet().stream()
                                .map(Enum::name)
                                .sorted()
                                .toList())
                .with("refused_instances", status.refusedInstances())
                .with("never_matched", status.neverMatched())
                .with(
                        "instances",
                        status.instances().stream()
                                .map(RulesController::instance)
                                .toList())
                .done();
    }

    private static String state(EngineSnapshot.RuleStatus status) {
        if (status.error().isPresent()) {
            return "error";
        }
        boolean isFiring = status.instances().stream().anyMatch(one -> one.state() instanceof AlertState.Firing);
        boolean isPending = status.instances().stream().anyMatch(one -> one.state() instanceof AlertState.Pending);
        return isFiring ? "firing" : isPending ? "pending" : "ok";
    }

    private static Map<String, @Nullable Object> instance(EngineSnapshot.InstanceStatus status) {
        Shape shape = Shape.object().with("labels", status.labels().asMap());
        switch (status.state()) {
            case AlertState.Ok ok -> shape.with("state", "ok");
            case AlertState.Pending pending ->
                shape.with("state", "pending")
                        .with("tier", pending.tier().name())
                        .with("since", Times.format(pending.since()));
            case AlertState.Firing firing ->
                shape.with("state", "firing")
                        .with("tier", firing.tier().name())
                        .with("since", Times.format(firing.since()))
                        .with("fired_at", Times.format(firing.firedAt()));
        }
        return shape.with("stale", status.stale())
                .with("why", AlertShape.why(status.why()))
                .with("gpus", GpuWindowShape.of(status.gpus()))
                .done();
    }

    @Post("/-/reload")
    @Consumes(MediaType.ALL)
    HttpResponse<?> reload() {
        List<Problem> errors = live.reload();
        if (!errors.isEmpty()) {
            return io.inferwatch.api.http.Problem.answer(
                    HttpStatus.UNPROCESSABLE_ENTITY,
                    "the running rules stay in force: " + errors.getFirst(),
                    "/-/reload",
                    RuleProblems.items(errors));
        }
        return HttpResponse.ok(
                Map.of("rules", live.parts().rules().current().rules().size()));
    }
}
