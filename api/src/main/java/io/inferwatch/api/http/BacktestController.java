package io.inferwatch.api.http;

import io.inferwatch.api.app.BacktestDesk;
import io.inferwatch.api.app.BacktestReport;
import io.inferwatch.api.app.Live;
import io.inferwatch.rules.book.Backtest;
import io.inferwatch.rules.book.RuleBook;
import io.inferwatch.rules.yaml.Durations;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What rules would have done and sent over the stored past. */
@Controller("/api/v1/rules/backtest")
@ExecuteOn(HttpPool.NAME)
final class BacktestController {
    private static final Duration LONGEST = Duration.ofDays(90);

    private final Live live;

    BacktestController(Live live) {
        this.live = live;
    }

    /** How far the one that runs has come. */
    @Get
    Object progress() {
        Optional<BacktestDesk.Progress> progress = live.rules().backtests().progress();
        Shape shape = Shape.object().with("running", progress.isPresent());
        progress.ifPresent(now -> shape.with("from", Times.format(now.from()))
                .with("to", Times.format(now.to()))
                .with("at", Times.format(now.at())));
        return shape.done();
    }

    @Post
    @Consumes(MediaType.ALL)
    HttpResponse<?> run(HttpRequest<?> request, @Body @Nullable String yaml) {
        SelectionParameters.requireOnly(request.getParameters(), "from", "to");
        Instant now = live.parts().clock().instant();
        Instant to = Times.required("to", request.getParameters().getFirst("to").orElse("now"), now);
        Instant from =
                Times.required("from", request.getParameters().getFirst("from").orElse("-24h"), now);
        checkRange(from, to.isAfter(now) ? now : to);
        RuleBook book = live.parts().rules();
        RuleBook.Checked checked = yaml == null || yaml.isBlank()
                ? new RuleBook.Checked(Optional.of(book.current()), List.of())
                : book.examine(List.of(live.rules().asFile(yaml)));
        if (checked.rules().isEmpty()) {
            return RuleProblems.unusable(checked.problems(), request.getPath());
        }
        BacktestReport report = live.rules()
                .backtests()
                .run(checked.rules().get(), from, to.isAfter(now) ? now : to)
                .orElseThrow(() -> new ProblemException(
                        HttpStatus.CONFLICT,
                        "another backtest is running; GET /api/v1/rules/backtest says how far it has come"));
        return HttpResponse.ok(shape(report, RuleProblems.warnings(checked.problems())));
    }

    private static void checkRange(Instant from, Instant to) {
        if (!from.isBefore(to)) {
            throw ProblemException.badRequest(
                    "from: " + Times.format(from) + " is not before to, " + Times.format(to) + "; write from=-24h");
        }
        if (Duration.between(from, to).compareTo(LONGEST) > 0) {
            throw ProblemException.badRequest("from: more than " + Durations.format(LONGEST)
                    + " before to; ask for a shorter range, several times where need be");
        }
    }

    private static Map<String, @Nullable Object> shape(BacktestReport report, List<String> warnings) {
        Backtest.Run run = report.run();
        return Shape.object()
                .with("from", Times.format(run.from()))
                .with("to", Times.format(run.to()))
                .with("complete", run.complete())
                .with("ticks", run.ticks())
                .with("skipped_ticks", run.skippedTicks())
                .with("warnings", warnings)
                .with(
                        "rules",
                        report.rules().entrySet().stream()
                                .map(entry -> rule(entry.getKey(), entry.getValue()))
                                .toList())
                .with(
                        "alerts",
                        report.alerts().stream().map(BacktestController::alert).toList())
                .with("alerts_left_out", report.alertsLeftOut())
                .done();
    }

    private static Map<String, @Nullable Object> rule(String name, BacktestReport.OfRule rule) {
        return Shape.object()
                .with("name", name)
                .with("unknown_seconds", rule.unknown().toSeconds())
                .with(
                        "weeks",
                        rule.weeks().entrySet().stream()
                                .map(week -> week(week.getKey().toString(), week.getValue()))
                                .toList())
                .done();
    }

    private static Map<String, @Nullable Object> week(String monday, BacktestReport.Week week) {
        Map<String, Integer> opened = new LinkedHashMap<>();
        week.opened().forEach((tier, count) -> opened.put(tier.name(), count));
        return Shape.object()
                .with("week", monday)
                .with("opened", opened)
                .with("tier_changes", week.tierChanges())
                .with("closed", week.closed())
                .with("notifications", week.notifications())
                .done();
    }

    private static Map<String, @Nullable Object> alert(BacktestReport.Past alert) {
        return Shape.object()
                .with("rule", alert.key().rule())
                .with("labels", alert.key().labels().asMap())
                .with("tier", alert.tier().name())
                .with("opened_at", Times.format(alert.openedAt()))
                .with("closed_at", alert.closedAt().map(Times::format))
                .with("summary", alert.summary())
                .done();
    }
}
