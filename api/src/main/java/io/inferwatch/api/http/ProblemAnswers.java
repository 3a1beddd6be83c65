package io.inferwatch.api.http;

import io.inferwatch.api.app.NotReadyException;
import io.inferwatch.histograms.UnfitQueryException;
import io.micronaut.context.annotation.Primary;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.server.exceptions.ExceptionHandler;
import io.micronaut.http.server.exceptions.response.Error;
import io.micronaut.http.server.exceptions.response.ErrorContext;
import io.micronaut.http.server.exceptions.response.ErrorResponseProcessor;
import jakarta.inject.Singleton;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns every error, the framework's own among them, into {@code application/problem+json}. */
final class ProblemAnswers {
    private static final Logger LOG = LoggerFactory.getLogger(ProblemAnswers.class);

    private ProblemAnswers() {}

    /** What the framework refuses by itself: unknown path, wrong method, a parameter that does not convert. */
    @Singleton
    @Primary
    static final class Framework implements ErrorResponseProcessor<Problem> {
        @Override
        public MutableHttpResponse<Problem> processResponse(ErrorContext context, MutableHttpResponse<?> response) {
            String path = context.getRequest().getPath();
            String detail = context.getErrors().stream().map(Error::getMessage).collect(Collectors.joining("; "));
            if (response.getStatus() == HttpStatus.INTERNAL_SERVER_ERROR) {
                context.getRootCause()
                        .ifPresent(cause ->
                                LOG.error("{} {} failed", context.getRequest().getMethodName(), path, cause));
                detail = "this is a fault of the sidecar; its log says more";
            } else if (response.getStatus() == HttpStatus.NOT_FOUND) {
                detail = "there is nothing at " + path + "; the routes stand at /openapi.yml";
            }
            Problem problem = new Problem(
                    "about:blank",
                    response.getStatus().getReason(),
                    response.getStatus().getCode(),
                    detail,
                    path,
                    null);
            return response.body(problem).contentType(new MediaType(Problem.MEDIA_TYPE));
        }
    }

    /** What a controller refuses. */
    @Singleton
    static final class Thrown implements ExceptionHandler<ProblemException, HttpResponse<?>> {
        @Override
        @SuppressWarnings("rawtypes") // as the interface declares it
        public HttpResponse<?> handle(HttpRequest request, ProblemException e) {
            MutableHttpResponse<Problem> answer = Problem.answer(
                    e.status(),
                    String.valueOf(e.getMessage()),
                    request.getPath(),
                    e.items().isEmpty() ? null : e.items());
            e.retryAfter()
                    .ifPresent(after -> answer.header("Retry-After", Long.toString(Math.max(1, after.toSeconds()))));
            return answer;
        }
    }

    /** The sidecar is not ready. */
    @Singleton
    static final class NotReady implements ExceptionHandler<NotReadyException, HttpResponse<?>> {
        @Override
        @SuppressWarnings("rawtypes") // as the interface declares it
        public HttpResponse<?> handle(HttpRequest request, NotReadyException e) {
            return Problem.answer(HttpStatus.SERVICE_UNAVAILABLE, String.valueOf(e.getMessage()), request.getPath())
                    .header("Retry-After", "1");
        }
    }

    /** A question that means nothing: an aggregate that does not fit its metric, a range that ends before it begins. */
    @Singleton
    static final class Unfit implements ExceptionHandler<UnfitQueryException, HttpResponse<?>> {
        @Override
        @SuppressWarnings("rawtypes") // as the interface declares it
        public HttpResponse<?> handle(HttpRequest request, UnfitQueryException e) {
            return Problem.answer(HttpStatus.BAD_REQUEST, String.valueOf(e.getMessage()), request.getPath());
        }
    }
}
