package io.inferwatch.api.http;

/** The bounded pool that parses bodies, appends and answers queries; event loops never do. */
public final class HttpPool {
    /** Name of the executor, and of its threads: {@code http-<n>}. */
    public static final String NAME = "http";

    private HttpPool() {}
}
