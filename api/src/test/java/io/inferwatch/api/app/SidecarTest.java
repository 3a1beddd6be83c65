package io.inferwatch.api.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferwatch.api.config.ConfigReader;
import io.inferwatch.api.config.Configuration;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole sidecar in this process, over real sockets. */
class SidecarTest {
    private static final String CERTIFICATE = "test-certificate.pem";
    private static final String KEY = "test-key.pem";

    @TempDir
    Path folder;

    private Sidecar start(Map<String, String> settings) {
        Map<String, String> all = new LinkedHashMap<>(settings);
        all.put("data.dir", folder.resolve("data").toString());
        all.putIfAbsent("http.port", "0");
        all.put("gpu.enabled", "false");
        Configuration configuration = ConfigReader.read(Optional.empty(), Map.of(), all);
        return Sidecar.start(configuration, Sidecar.Options.of(Map.of()));
    }

    private static HttpResponse<String> get(HttpClient client, String address)
            throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(URI.create(address)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private Path resource(String name) throws IOException {
        try (InputStream in = SidecarTest.class.getResourceAsStream(name)) {
            assertThat(in).isNotNull();
            return Files.write(folder.resolve(name), in.readAllBytes());
        }
    }

    private static HttpClient trusting(Path certificate) throws IOException, GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        try (InputStream in = Files.newInputStream(certificate)) {
            trusted.setCertificateEntry(
                    "test", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(context).build();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Test
    void tls_isSpoken_andPlainTextIsNot() throws Exception {
        Path certificate = resource(CERTIFICATE);
        Map<String, String> settings = Map.of(
                "http.tls.certificate_file", certificate.toString(),
                "http.tls.key_file", resource(KEY).toString());
        try (Sidecar sidecar = start(settings);
                HttpClient tls = trusting(certificate);
                HttpClient plain = HttpClient.newHttpClient()) {
            assertThat(sidecar.address()).startsWith("https://");
            assertThat(get(tls, sidecar.address() + "/health/ready").statusCode())
                    .isEqualTo(200);
            String plainAddress = sidecar.address().replace("https:", "http:") + "/health/ready";
            assertThatThrownBy(() -> get(plain, plainAddress)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void statusListener_showsHealthAndMetricsAlone() throws Exception {
        int port = freePort();
        try (Sidecar sidecar = start(Map.of("http.status.listen", "127.0.0.1:" + port));
                HttpClient client = HttpClient.newHttpClient()) {
            String status = "http://127.0.0.1:" + port;
            assertThat(get(client, status + "/health/ready").statusCode()).isEqualTo(200);
            assertThat(get(client, status + "/metrics").statusCode()).isEqualTo(200);
            assertThat(get(client, status + "/api/v1/gpus").statusCode()).isEqualTo(404);
            assertThat(get(client, sidecar.address() + "/api/v1/gpus").statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void secondSidecar_onTheSameData_isTurnedAwayByName() {
        try (Sidecar sidecar = start(Map.of())) {
            assertThat(sidecar.readyLine()).contains("inferwatch ready on http://127.0.0.1:");
            assertThatThrownBy(() -> start(Map.of()))
                    .isInstanceOfSatisfying(
                            StartException.class, e -> assertThat(e.exitCode()).isEqualTo(3))
                    .hasMessageContaining("is in use by process");
        }
    }

    @Test
    void failedStart_leavesNothingRunning() throws IOException {
        try (ServerSocket taken = new ServerSocket(0)) {
            String port = Integer.toString(taken.getLocalPort());
            assertThatThrownBy(() -> start(Map.of("http.port", port)))
                    .isInstanceOfSatisfying(
                            StartException.class, e -> assertThat(e.exitCode()).isEqualTo(2))
                    .hasMessageContaining(port);
        }
        try (Sidecar sidecar = start(Map.of())) {
            assertThat(sidecar.address()).isNotBlank();
        }
    }
}
