package io.inferwatch.api.http;

import io.inferwatch.api.app.Live;
import io.inferwatch.api.app.ReplayDiff;
import io.inferwatch.api.app.RulesDesk.Change;
import io.inferwatch.rules.Rule;
import io.inferwatch.rules.RuleSet;
import io.inferwatch.rules.book.RuleBook;
import io.inferwatch.rules.load.RuleFile;
import io.inferwatch.rules.load.RuleLoader;
import io.inferwatch.rules.yaml.Durations;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Put;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The text of the rules: read, checked, replaced, taken back. */
@Controller("/api/v1/rules")
@ExecuteOn(HttpPool.NAME)
final class RuleSourceController {
    private static final Duration SHORTEST_REPLAY = Duration.ofMinutes(1);
    private static final Duration LONGEST_REPLAY = Duration.ofDays(7);

    private final Live live;

    RuleSourceController(Live live) {
        this.live = live;
    }

    @Get("/source")
    HttpResponse<String> source() {
        RuleBook.Version running = live.parts().rules().running();
        List<RuleFile> files = running.files();
        String text = files.isEmpty()
                ? RuleLoader.builtin().text()
                : files.stream().map(RuleFile::text).collect(Collectors.joining("\n---\n"));
        return HttpResponse.ok(text)
                .contentType(new MediaType("application/yaml"))
                .header(HttpHeaders.ETAG, quoted(running.tag()));
    }

    @Get("/schema")
    HttpResponse<String> schema() {
        return HttpResponse.ok(RuleLoader.schema()).contentType(new MediaType("application/schema+json"));
    }

    @Get("/versions")
    Object versions() {
        RuleBook book = live.parts().rules();
        int running = book.running().number();
        return AnswerShape.list(
                "versions",
                book.versions().reversed().stream()
                        .map(version -> Shape.object()
                                .with("version", version.number())
                                .with("loaded_at", Times.format(version.loadedAt()))
                                .with("etag", quoted(version.tag()))
                                .with("rules", version.ruleCount())
                                .with("running", version.number() == running)
                                .done())
                        .toList());
    }

    @Post("/check")
    @Consumes(MediaType.ALL)
    HttpResponse<?> check(HttpRequest<?> request, @Body @Nullable String yaml) {
        SelectionParameters.requireOnly(request.getParameters(), "replay");
        return report(request, text(yaml), false);
    }

    @Put("/source")
    @Consumes(MediaType.ALL)
    HttpResponse<?> put(HttpRequest<?> request, @Body @Nullable String yaml) {
        SelectionParameters.requireOnly(request.getParameters(), "dry_run", "replay");
        if (Flags.isSet(request, "dry_run")) {
            return report(request, text(yaml), true);
        }
        if (request.getParameters().contains("replay")) {
            throw ProblemException.badRequest("replay: a replay goes with dry_run=true; look at it, then put the text");
        }
        return answer(request, live.rules().put(text(yaml), ifMatch(request)));
    }

    @Post("/rollback")
    @Consumes(MediaType.ALL)
    HttpResponse<?> rollBack(HttpRequest<?> request, @Body @Nullable String body) {
        SelectionParameters.requireOnly(request.getParameters(), "version");
        RuleBook book = live.parts().rules();
        Optional<String> asked =
                request.getParameters().getFirst("version").or(() -> VersionForm.read(body == null ? "" : body));
        RuleBook.Version version = asked.isPresent() ? named(book, asked.get()) : previous(book);
        return answer(request, live.rules().rollBack(version));
    }

    private static RuleBook.Version named(RuleBook book, String text) {
        Optional<RuleBook.Version> found =
                text.matches("\\d{1,9}") ? book.version(Integer.parseInt(text)) : Optional.empty();
        return found.orElseThrow(() -> new ProblemException(
                HttpStatus.NOT_FOUND,
                "version \"" + text + "\" is none of the last ten; GET /api/v1/rules/versions lists them"));
    }

    private static RuleBook.Version previous(RuleBook book) {
        List<RuleBook.Version> versions = book.versions();
        if (versions.size() < 2) {
            throw new ProblemException(
                    HttpStatus.CONFLICT, "these rules are the first; there is nothing to go back to");
        }
        return versions.get(versions.size() - 2);
    }

    private static String text(@Nullable String yaml) {
        if (yaml == null || yaml.isBlank()) {
            throw ProblemException.badRequest("the body is empty; send the text of a rules file");
        }
        return yaml;
    }

    private HttpResponse<?> report(HttpRequest<?> request, String yaml, boolean isDryRun) {
        RuleBook book = live.parts().rules();
        RuleBook.Checked checked = book.examine(List.of(live.rules().asFile(yaml)));
        if (checked.rules().isEmpty()) {
            return RuleProblems.unusable(checked.problems(), request.getPath());
        }
        Shape shape = Shape.object().with("ok", true).with("warnings", RuleProblems.warnings(checked.problems()));
        if (isDryRun) {
            shape.with("dry_run", true);
        }
        shape.with("rules", checked.rules().get().rules().size())
                .with("changes", changes(book.current(), checked.rules().get()));
        replayed(request)
                .ifPresent(over -> shape.with(
                        "replay", replay(book.current(), checked.rules().get(), over)));
        return HttpResponse.ok(shape.done());
    }

    private static Optional<Duration> replayed(HttpRequest<?> request) {
        return request.getParameters()
                .getFirst("replay")
                .map(text -> Durations.parse(text)
                        .filter(over -> over.compareTo(SHORTEST_REPLAY) >= 0 && over.compareTo(LONGEST_REPLAY) <= 0)
                        .orElseThrow(() -> ProblemException.badRequest(
                                "replay: \"" + text + "\" is no duration from 1m to 7d; write it like 24h")));
    }

    /** What these would have opened lately and those in force did not, and the other way round. */
    private Map<String, @Nullable Object> replay(RuleSet now, RuleSet next, Duration over) {
        Instant to = live.parts().clock().instant();
        ReplayDiff diff = live.rules()
                .backtests()
                .compare(now, next, to.minus(over), to)
                .orElseThrow(() -> new ProblemException(
                        HttpStatus.CONFLICT,
                        "a backtest is running; GET /api/v1/rules/backtest says how far it has come"));
        return ReplayShape.of(diff);
    }

    private HttpResponse<?> answer(HttpRequest<?> request, Change change) {
        String path = request.getPath();
        return switch (change) {
            case Change.Made made ->
                HttpResponse.ok(Shape.object()
                                .with("version", made.version().number())
                                .with("etag", quoted(made.version().tag()))
                                .with("rules", made.version().ruleCount())
                                .with("warnings", RuleProblems.warnings(made.warnings()))
                                .done())
                        .header(HttpHeaders.ETAG, quoted(made.version().tag()));
            case Change.Wrong wrong -> RuleProblems.unusable(wrong.errors(), path);
            case Change.ReadOnly readOnly ->
                io.inferwatch.api.http.Problem.answer(HttpStatus.CONFLICT, readOnly.why(), path);
            case Change.Overtaken overtaken ->
                io.inferwatch.api.http.Problem.answer(HttpStatus.PRECONDITION_FAILED, overtaken.why(), path);
        };
    }

    /** Which rules these would add, remove and change, by name. */
    private static Map<String, @Nullable Object> changes(RuleSet now, RuleSet next) {
        return Shape.object()
                .with("added", names(next, rule -> now.rule(rule.name()).isEmpty()))
                .with("removed", names(now, rule -> next.rule(rule.name()).isEmpty()))
                .with(
                        "changed",
                        names(
                                next,
                                rule -> now.rule(rule.name())
                                        .filter(old -> !old.isLike(rule))
                                        .isPresent()))
                .done();
    }

    private static List<String> names(RuleSet rules, Predicate<Rule> which) {
        return rules.rules().stream().filter(which).map(Rule::name).sorted().toList();
    }

    /** What {@code If-Match} names; {@code *} and its absence take whatever runs. */
    private static Optional<String> ifMatch(HttpRequest<?> request) {
        return request.getHeaders()
                .findFirst(HttpHeaders.IF_MATCH)
                .map(String::strip)
                .filter(tag -> !tag.equals("*"))
                .map(tag -> tag.replaceFirst("^W/", "").replace("\"", ""));
    }

    private static String quoted(String tag) {
        return "\"" + tag + "\"";
    }
}
