package io.inferwatch.api.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TarTest {
    private static final Instant MADE = Instant.parse("2026-11-20T10:00:00Z");

    @TempDir
    Path folder;

    private static byte[] tar(String name, byte[] content) throws IOException {
        TarStream tar = new TarStream(MADE);
        tar.add(new TarHeader(name, content.length), () -> new ByteArrayInputStream(content));
        return tar.read().readAllBytes();
    }

    private static byte[] bytes(int size) {
        byte[] content = new byte[size];
        Arrays.fill(content, (byte) 'x');
        return content;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 511, 512, 513, 200_000})
    void fileComesBack_whenItsSizeIs(int size) throws IOException {
        AtomicLong told = new AtomicLong();
        long total =
                new TarFolder(folder, told::set).unpack(new ByteArrayInputStream(tar("journal/a/b.cq4", bytes(size))));

        Path file = folder.resolve("journal/a/b.cq4");
        assertThat(Files.readAllBytes(file)).isEqualTo(bytes(size));
        assertThat(total).isEqualTo(size).isEqualTo(told.get());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void tarOfTheSystemReadsIt() throws Exception {
        Path file = Files.write(folder.resolve("copy.tar"), tar("db/inferwatch.mv.db", bytes(700)));

        Process process = new ProcessBuilder("tar", "-xOf", file.toString(), "db/inferwatch.mv.db").start();

        assertThat(process.getInputStream().readAllBytes()).isEqualTo(bytes(700));
        assertThat(process.waitFor()).isZero();
    }

    @Test
    void sizeIsKept_whenTheFileIsLargerThanOctalDigitsHold() {
        TarHeader large = new TarHeader("db/inferwatch.mv.db", 20L << 30);

        assertThat(TarHeader.decode(large.encode(0))).contains(large);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../outside", "/etc/outside", "a/../../outside", "."})
    void fileIsRefused_whenItWouldLieOutside(String name) throws IOException {
        byte[] hostile = tar(name, bytes(3));

        assertThatThrownBy(() -> new TarFolder(folder, sofar -> {}).unpack(new ByteArrayInputStream(hostile)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(name);
        assertThat(folder).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 600, 1_024})
    void copyIsRefused_whenItEndsAfter(int kept) throws IOException {
        byte[] cut = Arrays.copyOf(tar("host_id", "gpu-7\n".getBytes(StandardCharsets.UTF_8)), kept);

        assertThatThrownBy(() -> new TarFolder(folder, sofar -> {}).unpack(new ByteArrayInputStream(cut)))
                .isInstanceOf(IOException.class);
    }

    @Test
    void headerIsRefused_whenAByteIsWrong() throws IOException {
        byte[] damaged = tar("host_id", bytes(6));
        damaged[3] ^= 1;

        assertThatThrownBy(() -> new TarFolder(folder, sofar -> {}).unpack(new ByteArrayInputStream(damaged)))
                .hasMessageContaining("checksum");
    }
}
