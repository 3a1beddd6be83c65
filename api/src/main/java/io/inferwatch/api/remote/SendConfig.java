package io.inferwatch.api.remote;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Where metrics are sent.
 *
 * @param key of the configuration, whose keys stand below it
 * @param url {@code http} or {@code https}, the whole address of the receiver
 * @param interval from one sending to the next, at least a second
 * @param maxBytes what waits, compressed, while the receiver does not take it; the oldest goes first
 * @param tokenFile holds a bearer token
 * @param username for basic authentication, with the password file
 */
public record SendConfig(
        String key,
        URI url,
        Duration interval,
        long maxBytes,
        Optional<Path> tokenFile,
        String username,
        Optional<Path> passwordFile) {
    private static final long LEAST_BYTES = 1 << 20;

    /** @throws IllegalArgumentException naming the key, the value and the remedy */
    public SendConfig {
        if (interval.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException(key + ".interval: " + interval + " is below 1s");
        }
        if (maxBytes < LEAST_BYTES) {
            throw new IllegalArgumentException(key + ".max_bytes: " + maxBytes + " is below 1MiB");
        }
        if (tokenFile.isPresent() && !username.isEmpty()) {
            throw new IllegalArgumentException(
                    key + ".token_file: there is " + key + ".username as well; keep one of them");
        }
        if (username.isEmpty() == passwordFile.isPresent()) {
            throw new IllegalArgumentException(
                    key + ".username: it and " + key + ".password_file go together; set both or neither");
        }
    }

    /**
     * @param key as in {@link #key}
     * @throws IllegalArgumentException when it is no address that can be sent to
     */
    public static URI address(String key, String url) {
        try {
            URI address = new URI(url);
            boolean isHttp = "http".equals(address.getScheme()) || "https".equals(address.getScheme());
            if (isHttp && address.getHost() != null && address.getUserInfo() == null) {
                return address;
            }
        } catch (URISyntaxException e) {
            // Told below, without the address: it may hold a secret.
        }
        throw new IllegalArgumentException(key + ".url: not an address such as http://receiver:9090/api/v1/write;"
                + " credentials go into " + key + ".token_file");
    }
}
