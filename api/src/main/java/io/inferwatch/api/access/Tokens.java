package io.inferwatch.api.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;

/**
 * The configured tokens, kept as SHA-256 digests. A scope without a token is open, except admin, which always has one.
 * Immutable.
 */
public final class Tokens {
    private final Optional<byte[]> ingest;
    private final Optional<byte[]> read;
    private final byte[] admin;

    public Tokens(Optional<String> ingest, Optional<String> read, String admin) {
        this.ingest = ingest.map(Tokens::digest);
        this.read = read.map(Tokens::digest);
        this.admin = digest(admin);
    }

    /**
     * Whether the holder of this {@code Authorization} header may act in the scope. The admin token opens every scope.
     * Takes the same time for every wrong token.
     */
    public boolean allows(Scope scope, Optional<String> authorization) {
        Optional<byte[]> asked = switch (scope) {
            case NONE -> Optional.empty();
            case INGEST -> ingest;
            case READ -> read;
            case ADMIN -> Optional.of(admin);
        };
        return asked.isEmpty() || isOneOf(asked.get(), admin, authorization);
    }

    private static boolean isOneOf(byte[] asked, byte[] admin, Optional<String> authorization) {
        byte[] given = digest(authorization
                .filter(value -> value.startsWith("Bearer "))
                .map(value -> value.substring("Bearer ".length()).strip())
                .orElse(""));
        boolean isAsked = MessageDigest.isEqual(given, asked);
        boolean isAdmin = MessageDigest.isEqual(given, admin);
        return isAsked || isAdmin;
    }

    private static byte[] digest(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
