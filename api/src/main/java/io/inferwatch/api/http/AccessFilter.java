package io.inferwatch.api.http;

import io.inferwatch.api.access.Access;
import io.inferwatch.api.access.AccessRules;
import io.inferwatch.api.access.Scope;
import io.micronaut.core.order.Ordered;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ServerFilter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Stands before every route: status listener, host names, cross-site calls, scopes, content types, in this order. */
@ServerFilter(ServerFilter.MATCH_ALL_PATTERN)
final class AccessFilter implements Ordered {
    private final Access access;

    AccessFilter(Access access) {
        this.access = access;
    }

    @RequestFilter
    @Nullable HttpResponse<?> check(HttpRequest<?> request) {
        String path = request.getPath();
        if (access.statusPort().isPresent()
                && request.getServerAddress().getPort() == access.statusPort().get()) {
            return AccessRules.isStatus(path) && !AccessRules.changesState(request.getMethod())
                    ? null
                    : Problem.answer(HttpStatus.NOT_FOUND, "this listener shows /health/* and /metrics only", path);
        }
        if (!AccessRules.isHealth(path)
                && !access.hosts()
                        .allows(request.getHeaders().findFirst(HttpHeaders.HOST).orElse(""))) {
            return Problem.answer(
                    HttpStatus.MISDIRECTED_REQUEST,
                    "the Host header names none of this server's names; add it to http.allowed_hosts",
                    path);
        }
        return AccessRules.changesState(request.getMethod()) ? checkChange(request, path) : checkScope(request, path);
    }

    private @Nullable HttpResponse<?> checkChange(HttpRequest<?> request, String path) {
        if (request.getHeaders()
                .findFirst("Sec-Fetch-Site")
                .filter(site -> site.equals("cross-site"))
                .isPresent()) {
            return Problem.answer(HttpStatus.FORBIDDEN, "a page of another site may not change anything here", path);
        }
        HttpResponse<?> refused = checkScope(request, path);
        if (refused != null || !hasBody(request)) {
            return refused;
        }
        return AccessRules.wrongContentType(path, request.getHeaders().findFirst(HttpHeaders.CONTENT_TYPE))
                .map(detail -> Problem.answer(HttpStatus.UNSUPPORTED_MEDIA_TYPE, detail, path))
                .orElse(null);
    }

    private @Nullable HttpResponse<?> checkScope(HttpRequest<?> request, String path) {
        boolean backfill = request.getParameters()
                .getFirst("backfill")
                .filter("true"::equals)
                .isPresent();
        Scope scope = AccessRules.scopeOf(request.getMethod(), path, backfill);
        if (access.tokens().allows(scope, request.getHeaders().findFirst(HttpHeaders.AUTHORIZATION))) {
            return null;
        }
        return Problem.answer(
                        HttpStatus.UNAUTHORIZED,
                        "this needs the " + scope.name().toLowerCase(Locale.ROOT)
                                + " token: send Authorization: Bearer …",
                        path)
                .header(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
    }

    private static boolean hasBody(HttpRequest<?> request) {
        return request.getContentLength() > 0 || request.getHeaders().contains(HttpHeaders.TRANSFER_ENCODING);
    }

    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE;
    }
}
