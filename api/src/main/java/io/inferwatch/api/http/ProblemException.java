package io.inferwatch.api.http;

import io.micronaut.http.HttpStatus;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Ends a call with a {@link Problem}; thrown by controllers when what was asked cannot be answered. */
public final class ProblemException extends RuntimeException {
    private final HttpStatus status;
    private final transient List<Problem.Item> items;
    private final transient Optional<Duration> retryAfter;

    public ProblemException(HttpStatus status, String detail) {
        this(status, detail, List.of(), Optional.empty());
    }

    public ProblemException(HttpStatus status, String detail, List<Problem.Item> items, Optional<Duration> retryAfter) {
        super(detail, null, false, false);
        this.status = status;
        this.items = List.copyOf(items);
        this.retryAfter = retryAfter;
    }

    public static ProblemException badRequest(String detail) {
        return new ProblemException(HttpStatus.BAD_REQUEST, detail);
    }

    public HttpStatus status() {
        return status;
    }

    public List<Problem.Item> items() {
        return items;
    }

    public Optional<Duration> retryAfter() {
        return retryAfter;
    }
}
