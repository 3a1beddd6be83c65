package io.inferwatch.api.http;

import io.inferwatch.api.app.Live;
import io.inferwatch.collector.Observer;
import io.inferwatch.collector.push.BodyFormat;
import io.inferwatch.collector.push.IntakeOptions;
import io.inferwatch.collector.push.IntakeOutcome;
import io.inferwatch.collector.push.IntakeReport;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/** Takes request records and pushed samples. */
@Controller("/api/v1")
@ExecuteOn(HttpPool.NAME)
final class IntakeController {
    private final Live live;

    IntakeController(Live live) {
        this.live = live;
    }

    @Post("/requests")
    @Consumes(MediaType.ALL)
    HttpResponse<?> requests(HttpRequest<?> request, @Body @Nullable InputStream body) throws IOException {
        IntakeOptions options = options(request, observer(request), "strict", "backfill", "observer");
        return take(request, body, live.parts().requests()::accept, options);
    }

    @Post("/samples")
    @Consumes(MediaType.ALL)
    HttpResponse<?> samples(HttpRequest<?> request, @Body @Nullable InputStream body) throws IOException {
        IntakeOptions options = options(request, Observer.PUSH, "strict", "backfill");
        return take(request, body, live.parts().samples()::accept, options);
    }

    /** Either intake. */
    @FunctionalInterface
    private interface Intake {
        IntakeOutcome accept(InputStream body, BodyFormat format, IntakeOptions options) throws IOException;
    }

    private static IntakeOptions options(HttpRequest<?> request, Observer observer, String... known) {
        SelectionParameters.requireOnly(request.getParameters(), known);
        return new IntakeOptions(Flags.isSet(request, "strict"), Flags.isSet(request, "backfill"), observer);
    }

    /** A proxy of a process of its own says so; any other sender speaks for itself. */
    private static Observer observer(HttpRequest<?> request) {
        String said = request.getParameters().getFirst("observer").orElse(Observer.PUSH.label());
        return Observer.ofLabel(said)
                .filter(observer -> observer != Observer.OTLP)
                .orElseThrow(() -> ProblemException.badRequest("observer: \"" + said + "\" is neither push nor proxy"));
    }

    private static HttpResponse<?> take(
            HttpRequest<?> request, @Nullable InputStream body, Intake intake, IntakeOptions options)
            throws IOException {
        try (InputStream plain = BodyEncoding.plain(request, body == null ? InputStream.nullInputStream() : body)) {
            return answer(intake.accept(plain, format(request), options), request.getPath());
        } catch (ZipException | EOFException e) {
            throw ProblemException.badRequest("the body is no whole gzip stream: " + e.getMessage());
        }
    }

    private static BodyFormat format(HttpRequest<?> request) {
        String type = BodyEncoding.contentType(request);
        return switch (type) {
            case "application/x-ndjson" -> BodyFormat.NDJSON;
            case "application/json" -> BodyFormat.JSON;
            default ->
                throw new ProblemException(
                        HttpStatus.UNSUPPORTED_MEDIA_TYPE,
                        (type.isEmpty()
                                        ? "the body has no Content-Type"
                                        : "Content-Type \"" + type + "\" is not taken here")
                                + "; send application/json or application/x-ndjson");
        };
    }

    private static HttpResponse<?> answer(IntakeOutcome outcome, String path) {
        return switch (outcome) {
            case IntakeOutcome.Accepted accepted ->
                HttpResponse.accepted()
                        .body(report(Shape.object(), accepted.report()).done());
            case IntakeOutcome.AllRejected rejected ->
                HttpResponse.badRequest()
                        .contentType(new MediaType(Problem.MEDIA_TYPE))
                        .body(report(problem(rejected.report(), path), rejected.report())
                                .done());
            case IntakeOutcome.Malformed malformed ->
                Problem.answer(
                        HttpStatus.BAD_REQUEST,
                        malformed.detail(),
                        path,
                        List.of(new Problem.Item(
                                malformed.detail(), null, (int) malformed.line(), (int) malformed.column(), null)));
            case IntakeOutcome.TooLarge tooLarge ->
                Problem.answer(HttpStatus.REQUEST_ENTITY_TOO_LARGE, tooLarge.detail(), path);
            case IntakeOutcome.Busy busy ->
                Problem.answer(
                                HttpStatus.TOO_MANY_REQUESTS,
                                "too much waits already; nothing of this body was kept",
                                path)
                        .header(HttpHeaders.RETRY_AFTER, BodyEncoding.retryAfter(busy.retryAfter()));
            case IntakeOutcome.Unavailable unavailable ->
                Problem.answer(
                                HttpStatus.SERVICE_UNAVAILABLE,
                                unavailable.reason() + "; nothing of this body was kept",
                                path)
                        .header(HttpHeaders.RETRY_AFTER, BodyEncoding.retryAfter(unavailable.retryAfter()));
        };
    }

    private static Shape problem(IntakeReport report, String path) {
        return Shape.object()
                .with("type", "about:blank")
                .with("title", "Bad Request")
                .with("status", 400)
                .with(
                        "detail",
                        report.rejected() == 1
                                ? "the only record was rejected; errors says why"
                                : "all " + report.rejected() + " records were rejected; errors says why")
                .with("instance", path);
    }

    private static Shape report(Shape shape, IntakeReport report) {
        return shape.with("accepted", report.accepted())
                .with("duplicates", report.duplicates())
                .with("rejected", report.rejected())
                .with(
                        "errors",
                        report.errors().stream()
                                .map(error -> Shape.object()
                                        .with("line", error.line())
                                        .with("field", error.field())
                                        .with("code", error.rejection().code())
                                        .with("message", error.message())
                                        .done())
                                .toList())
                .with(
                        "warnings",
                        report.warnings().stream()
                                .map(warning -> Map.of(
                                        "line", warning.line(), "field", warning.field(), "message", warning.message()))
                                .toList())
                .with("durability", report.durability());
    }
}
