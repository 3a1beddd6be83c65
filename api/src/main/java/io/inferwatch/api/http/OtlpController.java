package io.inferwatch.api.http;

import io.inferwatch.api.app.Live;
import io.inferwatch.collector.otlp.OtlpOutcome;
import io.inferwatch.collector.otlp.TraceIntake;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Locale;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/** Takes traces by OTLP over HTTP. An answer comes in the form of its question. */
@Controller("/v1")
@ExecuteOn(HttpPool.NAME)
final class OtlpController {
    private static final String PROTOBUF = "application/x-protobuf";

    private final Live live;

    OtlpController(Live live) {
        this.live = live;
    }

    @Post("/traces")
    @Consumes(MediaType.ALL)
    HttpResponse<?> traces(HttpRequest<?> request, @Body @Nullable InputStream body) throws IOException {
        TraceIntake intake = live.parts()
                .traces()
                .orElseThrow(() -> new ProblemException(
                        HttpStatus.NOT_FOUND, "OTLP is switched off; set otlp.enabled to true to send it here"));
        TraceIntake.Format format = format(request);
        try (InputStream plain = BodyEncoding.plain(request, body == null ? InputStream.nullInputStream() : body)) {
            return answer(intake.accept(plain, format), format, request.getPath());
        } catch (ZipException | EOFException e) {
            return answer(
                    new OtlpOutcome.Malformed("the body is no whole gzip stream: " + e.getMessage()),
                    format,
                    request.getPath());
        }
    }

    private static TraceIntake.Format format(HttpRequest<?> request) {
        String type = request.getHeaders()
                .findFirst(HttpHeaders.CONTENT_TYPE)
                .orElse("")
                .split(";", 2)[0]
                .strip()
                .toLowerCase(Locale.ROOT);
        return switch (type) {
            case PROTOBUF -> TraceIntake.Format.PROTOBUF;
            case "application/json" -> TraceIntake.Format.JSON;
            default ->
                throw new ProblemException(
                        HttpStatus.UNSUPPORTED_MEDIA_TYPE,
                        "Content-Type \"" + type
                                + "\" is not taken here; send application/x-protobuf or application/json");
        };
    }

    private static HttpResponse<?> answer(OtlpOutcome outcome, TraceIntake.Format format, String path) {
        return switch (outcome) {
            case OtlpOutcome.Accepted accepted -> taken(accepted, format);
            case OtlpOutcome.Malformed malformed -> refused(HttpStatus.BAD_REQUEST, malformed.detail(), format, path);
            case OtlpOutcome.TooLarge tooLarge ->
                refused(HttpStatus.REQUEST_ENTITY_TOO_LARGE, tooLarge.detail(), format, path);
            case OtlpOutcome.Busy busy ->
                refused(HttpStatus.TOO_MANY_REQUESTS, "too much waits already; nothing was kept", format, path)
                        .header(HttpHeaders.RETRY_AFTER, seconds(busy.retryAfter()));
            case OtlpOutcome.Unavailable unavailable ->
                refused(HttpStatus.SERVICE_UNAVAILABLE, unavailable.reason() + "; nothing was kept", format, path)
                        .header(HttpHeaders.RETRY_AFTER, seconds(unavailable.retryAfter()));
        };
    }

    private static HttpResponse<?> taken(OtlpOutcome.Accepted accepted, TraceIntake.Format format) {
        if (format == TraceIntake.Format.PROTOBUF) {
            return HttpResponse.ok(OtlpAnswers.exported(accepted.rejected(), accepted.message()))
                    .contentType(new MediaType(PROTOBUF));
        }
        Shape partial = Shape.object();
        if (accepted.rejected() > 0) {
            partial.with("rejectedSpans", Long.toString(accepted.rejected())).with("errorMessage", accepted.message());
        }
        return HttpResponse.ok(
                Shape.object().with("partialSuccess", partial.done()).done());
    }

    private static MutableHttpResponse<?> refused(
            HttpStatus status, String detail, TraceIntake.Format format, String path) {
        if (format == TraceIntake.Format.PROTOBUF) {
            return HttpResponse.status(status).body(OtlpAnswers.status(detail)).contentType(new MediaType(PROTOBUF));
        }
        return Problem.answer(status, detail, path);
    }

    private static String seconds(Duration retryAfter) {
        return Long.toString(Math.max(1, retryAfter.toSeconds()));
    }
}
