package io.inferwatch.api.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
    @TempDir
    Path parent;

    @Test
    void adminToken_isMadeOnce_andReadableByItsOwnerAlone() throws IOException {
        DataDirectory directory = DataDirectory.open(parent.resolve("data"));
        String token = directory.adminToken();
        assertThat(token).hasSize(64);
        assertThat(directory.adminToken()).isEqualTo(token);
        Path file = parent.resolve("data/admin.token");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(parent.resolve("data"))))
                .isEqualTo("rwx------");
    }

    @Test
    void emptyTokenFile_isFilledAgain() throws IOException {
        DataDirectory directory = DataDirectory.open(parent.resolve("data"));
        Files.writeString(parent.resolve("data/admin.token"), "\n");
        assertThat(directory.adminToken()).hasSize(64);
    }

    @Test
    void hostId_isTheConfiguredOne_thenNodeName_thenWhatWasRemembered() throws IOException {
        DataDirectory directory = DataDirectory.open(parent.resolve("data"));
        assertThat(directory.hostId(Optional.of("configured"), Optional.of("node")))
                .isEqualTo("configured");
        assertThat(directory.hostId(Optional.empty(), Optional.of("node"))).isEqualTo("node");
        String first = directory.hostId(Optional.empty(), Optional.empty());
        assertThat(first).isNotBlank();
        Files.writeString(parent.resolve("data/host_id"), "the-name-of-the-first-start\n");
        assertThat(directory.hostId(Optional.empty(), Optional.of(" "))).isEqualTo("the-name-of-the-first-start");
    }
}
