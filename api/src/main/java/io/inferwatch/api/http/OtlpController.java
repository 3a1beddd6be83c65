package io.inferwatch.api.http;

import io.inferwatch.api.app.Live;
import io.inferwatch.collector.otlp.OtlpFormat;
import io.inferwatch.collector.otlp.OtlpOutcome;
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
import java.util.Optional;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/** Takes traces and metrics by OTLP over HTTP. */
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
        return take(request, body, live.parts().otlp().map(otlp -> otlp.traces()::accept), "rejectedSpans");
    }

    @Post("/metrics")
    @Consumes(MediaType.ALL)
    HttpResponse<?> metrics(HttpRequest<?> request, @Body @Nullable InputStream body) throws IOException {
        return take(request, body, live.parts().otlp().map(otlp -> otlp.metrics()::accept), "rejectedDataPoints");
    }

    /** Either intake. */
    @FunctionalInterface
    private interface Intake {
        OtlpOutcome accept(InputStream body, OtlpFormat format) throws IOException;
    }

    /** @param rejectedMember what the answer in JSON calls the number of those that were rejected */
    private static HttpResponse<?> take(
            HttpRequest<?> request, @Nullable InputStream body, Optional<Intake> intake, String rejectedMember)
            throws IOException {
        Intake taker = intake.orElseThrow(() -> new ProblemException(
                HttpStatus.NOT_FOUND, "OTLP is switched off; set otlp.enabled to true to send it here"));
        Answers answers = new Answers(format(request), rejectedMember, request.getPath());
        try (InputStream plain = BodyEncoding.plain(request, body == null ? InputStream.nullInputStream() : body)) {
            return answers.of(taker.accept(plain, answers.format));
        } catch (ZipException | EOFException e) {
            return answers.of(new OtlpOutcome.Malformed("the body is no whole gzip stream: " + e.getMessage()));
        }
    }

    private static OtlpFormat format(HttpRequest<?> request) {
        String type = BodyEncoding.contentType(request);
        return switch (type) {
            case PROTOBUF -> OtlpFormat.PROTOBUF;
            case "application/json" -> OtlpFormat.JSON;
            default ->
                throw new ProblemException(
                        HttpStatus.UNSUPPORTED_MEDIA_TYPE,
                        "Content-Type \"" + type
                                + "\" is not taken here; send application/x-protobuf or application/json");
        };
    }

    /** An answer comes in the form of its question. */
    private record Answers(OtlpFormat format, String rejectedMember, String path) {

        HttpResponse<?> of(OtlpOutcome outcome) {
            return switch (outcome) {
                case OtlpOutcome.Accepted accepted -> taken(accepted);
                case OtlpOutcome.Malformed malformed -> refused(HttpStatus.BAD_REQUEST, malformed.detail());
                case OtlpOutcome.TooLarge tooLarge -> refused(HttpStatus.REQUEST_ENTITY_TOO_LARGE, tooLarge.detail());
                case OtlpOutcome.Busy busy ->
                    refused(HttpStatus.TOO_MANY_REQUESTS, "too much waits already; nothing was kept")
                            .header(HttpHeaders.RETRY_AFTER, BodyEncoding.retryAfter(busy.retryAfter()));
                case OtlpOutcome.Unavailable unavailable ->
                    refused(HttpStatus.SERVICE_UNAVAILABLE, unavailable.reason() + "; nothing was kept")
                            .header(HttpHeaders.RETRY_AFTER, BodyEncoding.retryAfter(unavailable.retryAfter()));
            };
        }

        private HttpResponse<?> taken(OtlpOutcome.Accepted accepted) {
            if (format == OtlpFormat.PROTOBUF) {
                return HttpResponse.ok(OtlpAnswers.exported(accepted.rejected(), accepted.message()))
                        .contentType(new MediaType(PROTOBUF));
            }
            Shape partial = Shape.object();
            if (!accepted.message().isEmpty()) {
                partial.with(rejectedMember, Long.toString(accepted.rejected()))
                        .with("errorMessage", accepted.message());
            }
            return HttpResponse.ok(
                    Shape.object().with("partialSuccess", partial.done()).done());
        }

        private MutableHttpResponse<?> refused(HttpStatus status, String detail) {
            if (format == OtlpFormat.PROTOBUF) {
                return HttpResponse.status(status)
                        .body(OtlpAnswers.status(detail))
                        .contentType(new MediaType(PROTOBUF));
            }
            return Problem.answer(status, detail, path);
        }
    }
}
