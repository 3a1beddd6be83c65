package io.inferwatch.api.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class TokensTest {
    private static final Optional<String> NOTHING = Optional.empty();

    private static Optional<String> bearer(String token) {
        return Optional.of("Bearer " + token);
    }

    @Test
    void aScopeWithoutATokenIsOpen_exceptAdmin() {
        Tokens tokens = new Tokens(Optional.empty(), Optional.empty(), "boss");
        assertThat(tokens.allows(Scope.NONE, NOTHING)).isTrue();
        assertThat(tokens.allows(Scope.INGEST, NOTHING)).isTrue();
        assertThat(tokens.allows(Scope.READ, bearer("wrong"))).isTrue();
        assertThat(tokens.allows(Scope.ADMIN, NOTHING)).isFalse();
        assertThat(tokens.allows(Scope.ADMIN, bearer("wrong"))).isFalse();
        assertThat(tokens.allows(Scope.ADMIN, bearer("boss"))).isTrue();
    }

    @Test
    void aTokenOpensItsScopeOnly_andAdminEveryOne() {
        Tokens tokens = new Tokens(Optional.of("in"), Optional.of("out"), "boss");
        assertThat(tokens.allows(Scope.NONE, NOTHING)).isTrue();
        assertThat(tokens.allows(Scope.INGEST, NOTHING)).isFalse();
        assertThat(tokens.allows(Scope.INGEST, bearer("in"))).isTrue();
        assertThat(tokens.allows(Scope.INGEST, bearer("out"))).isFalse();
        assertThat(tokens.allows(Scope.INGEST, bearer("boss"))).isTrue();
        assertThat(tokens.allows(Scope.READ, bearer("out"))).isTrue();
        assertThat(tokens.allows(Scope.READ, bearer("in"))).isFalse();
        assertThat(tokens.allows(Scope.READ, bearer("boss"))).isTrue();
        assertThat(tokens.allows(Scope.ADMIN, bearer("in"))).isFalse();
    }
}
