package io.inferwatch.api.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.micronaut.http.HttpMethod;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccessRulesTest {

    @ParameterizedTest
    @CsvSource({
        "GET, /health/ready, NONE",
        "GET, /health/live, NONE",
        "GET, /-/healthy, NONE",
        "GET, /-/ready, NONE",
        "GET, /, NONE",
        "GET, /ui/main.js, NONE",
        "POST, /, ADMIN",
        "GET, /ui, READ",
        "GET, /metrics, READ",
        "GET, /api/v1/stream, READ",
        "GET, /api/v1/percentiles, READ",
        "GET, /api/v1/rules/source, READ",
        "POST, /api/v1/requests, INGEST",
        "POST, /api/v1/samples, INGEST",
        "POST, /api/v1/rules/check, READ",
        "PUT, /api/v1/rules/source, ADMIN",
        "POST, /-/reload, ADMIN",
        "POST, /api/v1/receivers/pd/test, ADMIN",
        "DELETE, /api/v1/silences/1, ADMIN",
        "POST, /a/route/of/tomorrow, ADMIN",
    })
    void scope_followsFromMethodAndPath(HttpMethod method, String path, Scope scope) {
        assertThat(AccessRules.scopeOf(method, path, false)).isEqualTo(scope);
    }

    @Test
    void backfill_needsAdmin() {
        assertThat(AccessRules.scopeOf(HttpMethod.POST, "/api/v1/requests", true))
                .isEqualTo(Scope.ADMIN);
    }

    @Test
    void loopbackDefault_opensIngestAndReadButNotAdmin() {
        Tokens tokens = new Tokens(Optional.empty(), Optional.empty(), "the-admin-token");
        assertThat(tokens.allows(Scope.INGEST, Optional.empty())).isTrue();
        assertThat(tokens.allows(Scope.READ, Optional.empty())).isTrue();
        assertThat(tokens.allows(Scope.ADMIN, Optional.empty())).isFalse();
        assertThat(tokens.allows(Scope.ADMIN, Optional.of("Bearer wrong"))).isFalse();
        assertThat(tokens.allows(Scope.ADMIN, Optional.of("the-admin-token"))).isFalse();
        assertThat(tokens.allows(Scope.ADMIN, Optional.of("Bearer the-admin-token")))
                .isTrue();
    }

    @Test
    void configuredTokens_openTheirOwnScopeAlone() {
        Tokens tokens = new Tokens(Optional.of("i"), Optional.of("r"), "a");
        for (Scope scope : List.of(Scope.INGEST, Scope.READ, Scope.ADMIN)) {
            assertThat(tokens.allows(scope, Optional.empty())).isFalse();
            assertThat(tokens.allows(scope, Optional.of("Bearer i"))).isEqualTo(scope == Scope.INGEST);
            assertThat(tokens.allows(scope, Optional.of("Bearer r"))).isEqualTo(scope == Scope.READ);
            assertThat(tokens.allows(scope, Optional.of("Bearer a"))).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"localhost", "localhost:9477", "127.0.0.1:9477", "[::1]:9477", "LOCALHOST", "watch.example"})
    void host_isTaken_whenItIsOurs(String host) {
        assertThat(new HostAllowList("127.0.0.1", List.of("watch.example")).allows(host))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "evil.example", "127.0.0.1.evil.example", "localhost.evil.example:9477", "[::2]"})
    void host_isRefused_whenItIsNot(String host) {
        assertThat(new HostAllowList("127.0.0.1", List.of()).allows(host)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""})
    void contentType_isRefused_whenABrowserSendsItUnasked(String type) {
        assertThat(AccessRules.wrongContentType("/api/v1/requests", Optional.of(type)))
                .isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "application/json; charset=utf-8", "Application/X-NDJSON"})
    void contentType_isTaken(String type) {
        assertThat(AccessRules.wrongContentType("/api/v1/requests", Optional.of(type)))
                .isEmpty();
    }
}
