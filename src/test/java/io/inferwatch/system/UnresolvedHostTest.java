package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.system.support.RunningSidecar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A host whose own name nobody resolves: a container without a network, a machine whose name server is away. */
class UnresolvedHostTest {
    @TempDir
    Path folder;

    @Test
    void startsUnderTheNameTheKernelHas() throws IOException {
        // With this flag Java resolves what stands in the file and nothing else.
        Path hosts = Files.writeString(folder.resolve("hosts"), "127.0.0.1 localhost\n");

        try (RunningSidecar sidecar = RunningSidecar.with()
                .environment("INFERWATCH_JVM_FLAGS", "-Djdk.net.hosts.file=" + hosts)
                .start()) {
            assertThat(sidecar.data().resolve("host_id"))
                    .hasContent(Files.readString(Path.of("/proc/sys/kernel/hostname")));
            assertThat(sidecar.terminate()).isZero();
        }
    }
}
