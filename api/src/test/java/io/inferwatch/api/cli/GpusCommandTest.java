package io.inferwatch.api.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.gpu.testing.ScriptedCard;
import io.inferwatch.gpu.testing.ScriptedNvml;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code inferwatch gpus} where no sidecar runs: NVML is asked from the command itself. */
class GpusCommandTest {
    @TempDir
    Path folder;

    private final PrintStream stdout = System.out;
    private final PrintStream stderr = System.err;
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final ByteArrayOutputStream complained = new ByteArrayOutputStream();
    private OutputStream pipe = printed;

    @AfterEach
    void giveBack() {
        System.setOut(stdout);
        System.setErr(stderr);
    }

    private int gpus(String library, String... options) throws IOException {
        String port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = Integer.toString(socket.getLocalPort());
        }
        Path file = Files.writeString(folder.resolve("inferwatch.yml"), "gpu: {library: %s}\n".formatted(library));
        System.setOut(new PrintStream(pipe, false, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
        List<String> words = new ArrayList<>(List.of("gpus", "--config", file.toString(), "--port", port));
        words.addAll(List.of("--data", folder.resolve("data").toString()));
        words.addAll(List.of(options));
        return InferwatchCommand.execute(words.toArray(String[]::new));
    }

    @Test
    void aRowAGpu_withActivity_andNothingIsLeftBehind() throws IOException {
        ScriptedNvml nvml = ScriptedNvml.compile(folder)
                .script(ScriptedCard.H100_80GB_HBM3.script("gpus 2", "gpu 1 temperature_c=71"));

        assertThat(gpus(nvml.library().toString())).isZero();

        String table = printed.toString(StandardCharsets.UTF_8);
        assertThat(table)
                .contains("NVIDIA H100 80GB HBM3")
                .contains("71 °C")
                .contains("gpm")
                .contains("healthy");
        assertThat(complained.toString(StandardCharsets.UTF_8)).startsWith("no sidecar answers at http://127.0.0.1:");
        assertThat(nvml.faults()).isEmpty();
        assertThat(folder.resolve("data")).doesNotExist();
    }

    @Test
    void watch_printsPlainlyWhereThereIsNoTerminal_andEndsWithItsReader() throws IOException {
        ScriptedNvml nvml = ScriptedNvml.compile(folder).script("gpus 1");
        pipe = new FilterOutputStream(printed) {
            @Override
            public void flush() throws IOException {
                if (printed.size() > 0) {
                    throw new IOException("broken pipe");
                }
            }
        };

        assertThat(gpus(nvml.library().toString(), "--watch")).isZero();

        assertThat(printed.toString(StandardCharsets.UTF_8))
                .startsWith("driver ")
                .doesNotContain("\033");
    }

    @Test
    void exitCode3_whereThereIsNoNvmlEither() throws IOException {
        assertThat(gpus(folder.resolve("none.so").toString())).isEqualTo(3);

        assertThat(complained.toString(StandardCharsets.UTF_8))
                .contains("no GPUs: ")
                .contains("none.so");
        assertThat(printed.toString(StandardCharsets.UTF_8)).isEmpty();
    }
}
