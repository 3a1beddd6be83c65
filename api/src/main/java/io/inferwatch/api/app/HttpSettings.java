package io.inferwatch.api.app;

import io.inferwatch.api.config.ConfigException;
import io.inferwatch.api.config.Configuration;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The HTTP server as configured, in the words of the framework; refuses an open door. */
public final class HttpSettings {
    private static final String LISTENERS = "micronaut.server.netty.listeners.";
    private static final String CERTIFICATE = "inferwatch";
    /** Enough to parse and answer on two cores; everything behind it is bounded by this number. */
    private static final int POOL_THREADS = 4;

    /** A body is read and dropped past its own limit, so that the sender gets its 413; past this the connection ends. */
    private static final long MAX_BODY_BYTES = 70L << 20;

    /** Where the plain status listener binds. */
    public record StatusListener(String host, int port) {}

    private final Configuration configuration;

    /** @throws ConfigException where the address, the tokens and TLS do not go together */
    public HttpSettings(Configuration configuration) {
        this.configuration = configuration;
        List<String> problems = new ArrayList<>();
        int port = configuration.integer("http.port");
        if (port < 0 || port > 65_535) {
            problems.add("http.port: " + port + " is no port; 0 takes a free one");
        }
        if (configuration.optionalText("http.tls.certificate_file").isPresent()
                != configuration.optionalText("http.tls.key_file").isPresent()) {
            problems.add("http.tls: certificate_file and key_file go together");
        }
        checkExposure(problems);
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
    }

    private void checkExposure(List<String> problems) {
        String host = host();
        boolean isLoopback;
        try {
            isLoopback = InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            problems.add("http.host: \"" + host + "\" is no address of this host");
            return;
        }
        boolean hasTokens = configuration.optionalText("auth.ingest_token_file").isPresent()
                && configuration.optionalText("auth.read_token_file").isPresent();
        if (!isLoopback && !(hasTokens && isTls()) && !configuration.flag("http.insecure_plaintext")) {
            problems.add("http.host: " + host + " is reachable beyond this host; set auth.ingest_token_file and "
                    + "auth.read_token_file and http.tls, or say --insecure-plaintext");
        }
    }

    public String host() {
        return configuration.text("http.host");
    }

    public boolean isTls() {
        return configuration.optionalText("http.tls.certificate_file").isPresent();
    }

    public Optional<StatusListener> statusListener() {
        return configuration.optionalText("http.status.listen").map(text -> {
            int colon = text.lastIndexOf(':');
            String port = text.substring(colon + 1);
            if (colon <= 0 || !port.matches("\\d{1,5}")) {
                throw new ConfigException(
                        List.of("http.status.listen: \"" + text + "\" is no address:port, for example 0.0.0.0:9479"));
            }
            return new StatusListener(text.substring(0, colon), Integer.parseInt(port));
        });
    }

    /** Properties of the application context. */
    public Map<String, Object> asProperties() {
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("micronaut.application.name", "inferwatch");
        properties.put("micronaut.server.max-request-size", MAX_BODY_BYTES);
        properties.put("micronaut.server.thread-selection", "MANUAL");
        properties.put("micronaut.server.idle-timeout", "60s");
        properties.put("micronaut.server.date-header", false);
        properties.put("micronaut.server.netty.request-decompression-enabled", false);
        properties.put("micronaut.server.netty.max-header-size", 16_384);
        properties.put("micronaut.server.netty.worker.threads", 2);
        // Where it cannot be loaded the server takes the JDK's selector.
        properties.put("micronaut.server.netty.use-native-transport", true);
        properties.put("micronaut.executors.http.type", "fixed");
        properties.put("micronaut.executors.http.n-threads", POOL_THREADS);
        listener(properties, "main", host(), configuration.integer("http.port"));
        if (isTls()) {
            putTls(properties);
        }
        statusListener().ifPresent(status -> listener(properties, "status", status.host(), status.port()));
        return properties;
    }

    private static void listener(Map<String, Object> properties, String name, String host, int port) {
        properties.put(LISTENERS + name + ".host", host);
        properties.put(LISTENERS + name + ".port", port);
        properties.put(LISTENERS + name + ".ssl", false);
    }

    private void putTls(Map<String, Object> properties) {
        properties.put("micronaut.server.ssl.enabled", true);
        properties.put(LISTENERS + "main.ssl", true);
        properties.put(LISTENERS + "main.key-name", CERTIFICATE);
        properties.put("micronaut.certificate.file." + CERTIFICATE + ".path", file("http.tls.key_file"));
        properties.put(
                "micronaut.certificate.file." + CERTIFICATE + ".certificate-path", file("http.tls.certificate_file"));
        properties.put("micronaut.certificate.file." + CERTIFICATE + ".format", "PEM");
        configuration.optionalText("http.tls.client_ca_file").ifPresent(ca -> {
            properties.put("micronaut.certificate.file.clients.path", file("http.tls.client_ca_file"));
            properties.put("micronaut.certificate.file.clients.format", "PEM");
            properties.put(LISTENERS + "main.trust-name", "clients");
            properties.put("micronaut.server.ssl.client-authentication", "need");
        });
    }

    /** The framework watches the folder of each file, so the path must have one. */
    private String file(String key) {
        Path path = Path.of(configuration.text(key)).toAbsolutePath();
        if (!Files.isReadable(path)) {
            throw new ConfigException(List.of(key + ": " + path + " is not there or cannot be read"));
        }
        return path.toString();
    }
}
