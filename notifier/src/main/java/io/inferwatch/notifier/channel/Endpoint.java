package io.inferwatch.notifier.channel;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One address with the credential for it, as it was used: an open is updated and closed at the endpoint it was delivered
 * to, whatever the configuration says by then. Holds secrets, so it prints as its fingerprint only.
 */
public record Endpoint(String type, Map<String, String> fields) {
    public Endpoint {
        fields = Map.copyOf(fields);
    }

    public Optional<String> field(String name) {
        return Optional.ofNullable(fields.get(name));
    }

    /** Names the endpoint without revealing it: 128 bits of SHA-256 as hex. */
    public String fingerprint() {
        StringBuilder all = new StringBuilder(type);
        new TreeMap<>(fields)
                .forEach((name, value) ->
                        all.append('\0').append(name).append('\0').append(value));
        return sha256(all.toString()).substring(0, 32);
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return "Endpoint[" + type + " " + fingerprint() + "]";
    }
}
