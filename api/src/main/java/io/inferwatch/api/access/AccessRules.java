package io.inferwatch.api.access;

import io.micronaut.http.HttpMethod;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Which scope a call needs and which bodies it may carry. Pure: no request object, no state. */
public final class AccessRules {
    private static final Set<String> INGEST_PATHS = Set.of(
            "/api/v1/requests", "/api/v1/samples", "/api/v1/events", "/v1/traces", "/v1/metrics", "/api/v1/proxies");
    /** Computed from what is sent, changing nothing. */
    private static final Set<String> READ_BY_POST = Set.of("/api/v1/rules/check", "/api/v1/rules/backtest");

    private static final List<String> BODY_TYPES =
            List.of("application/json", "application/x-ndjson", "application/yaml", "application/x-protobuf");

    private AccessRules() {}

    public static boolean isHealth(String path) {
        return path.equals("/health")
                || path.startsWith("/health/")
                || path.equals("/-/healthy")
                || path.equals("/-/ready");
    }

    /** What the plain status listener shows. */
    public static boolean isStatus(String path) {
        return isHealth(path) || path.equals("/metrics");
    }

    /** The files of the dashboard: the same for everybody, and nothing of what is measured. */
    private static boolean isPage(String path) {
        return path.equals("/") || path.startsWith("/ui/");
    }

    public static boolean changesState(HttpMethod method) {
        return switch (method) {
            case GET, HEAD, OPTIONS, TRACE -> false;
            case POST, PUT, DELETE, PATCH, CONNECT, CUSTOM -> true;
        };
    }

    /** @param backfill whether the query asks for {@code backfill=true} */
    public static Scope scopeOf(HttpMethod method, String path, boolean backfill) {
        if (isHealth(path)) {
            return Scope.NONE;
        }
        if (!changesState(method)) {
            return isPage(path) ? Scope.NONE : Scope.READ;
        }
        if (INGEST_PATHS.contains(path)) {
            return backfill ? Scope.ADMIN : Scope.INGEST;
        }
        if (READ_BY_POST.contains(path)) {
            return Scope.READ;
        }
        return Scope.ADMIN;
    }

    /**
     * What is wrong with the content type of a state-changing call that has a body; empty when it will do. Only types a
     * browser cannot send without asking first are taken.
     */
    public static Optional<String> wrongContentType(String path, Optional<String> contentType) {
        String type = contentType
                .map(value -> value.split(";", 2)[0].strip().toLowerCase(Locale.ROOT))
                .orElse("");
        if (BODY_TYPES.contains(type)) {
            return Optional.empty();
        }
        String right =
                path.startsWith("/api/v1/rules") ? "application/yaml" : "application/json or application/x-ndjson";
        return Optional.of(
                (type.isEmpty() ? "the body has no Content-Type" : "Content-Type \"" + type + "\" is not taken here")
                        + "; send " + right);
    }
}
