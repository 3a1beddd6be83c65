package io.inferwatch.collector.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentityKeyTest {
    @Test
    void isMadeOnce_forItsOwnerAlone_andStaysTheSame(@TempDir Path data) throws IOException {
        IdentityKey first = IdentityKey.loadOrCreate(data);
        Path file = data.resolve(IdentityKey.FILE_NAME);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(IdentityKey.loadOrCreate(data).secret())
                .isEqualTo(first.secret())
                .isNotEqualTo(new byte[32]);
        assertThat(first).hasToString("<redacted>");
    }

    @Test
    void aDamagedKey_isNamedWithARemedy(@TempDir Path data) throws IOException {
        Path file = Files.write(data.resolve(IdentityKey.FILE_NAME), new byte[] {1, 2, 3});
        assertThatThrownBy(() -> IdentityKey.loadOrCreate(data))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("delete it");
    }

    @Test
    void hashes_areStable_andTellUsersFromSessions() {
        IdentityHash hash = new IdentityHash(IdentityPolicy.HASHED, IdentityKey.of(new byte[32]));
        String alice = hash.kept("user", "alice").orElseThrow();
        assertThat(hash.kept("user", "alice")).contains(alice);
        assertThat(hash.kept("session", "alice").orElseThrow()).isNotEqualTo(alice);
        assertThat(new IdentityHash(IdentityPolicy.HASHED, IdentityKey.of(new byte[32])).kept("user", "alice"))
                .contains(alice);
        byte[] other = new byte[32];
        other[0] = 1;
        assertThat(new IdentityHash(IdentityPolicy.HASHED, IdentityKey.of(other)).kept("user", "alice"))
                .isNotEqualTo(Optional.of(alice));
    }
}
