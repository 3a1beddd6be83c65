package io.inferwatch.api.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.api.app.Sidecar;
import io.inferwatch.api.config.ConfigReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands ask a sidecar that speaks TLS, and only the one whose certificate lies in the configuration. */
class OwnCertificateTest {
    @TempDir
    Path folder;

    private final StandardStreams streams = new StandardStreams();

    @BeforeEach
    void listen() {
        streams.listen();
    }

    @AfterEach
    void giveBack() {
        streams.giveBack();
    }

    private Path resource(String name) throws IOException {
        try (InputStream in = Sidecar.class.getResourceAsStream(name)) {
            assertThat(in).isNotNull();
            return Files.write(folder.resolve(name), in.readAllBytes());
        }
    }

    private Path config(Path certificate, Path key, int port) throws IOException {
        return Files.writeString(
                folder.resolve("port-" + port + ".yml"), """
                http: {port: %d, tls: {certificate_file: %s, key_file: %s}}
                data: {dir: %s}
                gpu: {enabled: false}
                """.formatted(port, certificate, key, folder.resolve("data")));
    }

    @Test
    void commands_speakTls_andTrustNobodyElse() throws IOException {
        Path certificate = resource("test-certificate.pem");
        Path key = resource("test-key.pem");
        Path any = config(certificate, key, 0);
        try (Sidecar sidecar =
                Sidecar.start(ConfigReader.read(Optional.of(any), Map.of(), Map.of()), Sidecar.Options.of(Map.of()))) {
            int port = URI.create(sidecar.address()).getPort();
            Path config = config(certificate, key, port);
            assertThat(InferwatchCommand.execute("silence", "list", "--config", config.toString()))
                    .as(streams.err.toString(StandardCharsets.UTF_8))
                    .isZero();
            assertThat(streams.out.toString(StandardCharsets.UTF_8)).contains("no silences");

            String plain = "--port=" + port;
            assertThat(InferwatchCommand.execute("silence", "list", plain)).isEqualTo(InferwatchCommand.NOT_HERE);

            Path other = resource("test-other-certificate.pem");
            assertThat(InferwatchCommand.execute(
                            "silence",
                            "list",
                            "--config",
                            config(other, key, port).toString()))
                    .isEqualTo(InferwatchCommand.NOT_HERE);
            assertThat(streams.err.toString(StandardCharsets.UTF_8)).contains("another certificate than that of");
        }
    }
}
