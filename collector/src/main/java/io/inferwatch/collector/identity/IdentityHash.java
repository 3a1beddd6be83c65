package io.inferwatch.collector.identity;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The names of users and sessions, made unreadable: HMAC-SHA256 cut to 96 bits, in hex. A user and a session of the same
 * name give different hashes. The last few hundred are remembered. Used by one thread at a time.
 */
public final class IdentityHash {
    private static final int KEPT_BYTES = 12;
    private static final int PLACES = 512;
    private static final HexFormat HEX = HexFormat.of();

    private record Known(String kind, String name, String hash) {}

    private final IdentityPolicy policy;
    private final Mac mac;
    private final @Nullable Known[] places = new @Nullable Known[PLACES];

    public IdentityHash(IdentityPolicy policy, IdentityKey key) {
        this.policy = policy;
        try {
            this.mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key.secret(), "HmacSHA256"));
        } catch (GeneralSecurityException e) {
            // Every Java platform is required to have it.
            throw new IllegalStateException(e);
        }
    }

    /**
     * What is kept of this name; empty when nothing is.
     *
     * @param kind {@code user} or {@code session}
     */
    public Optional<String> kept(String kind, String name) {
        return switch (policy) {
            case HASHED -> Optional.of(hash(kind, name));
            case CLEAR -> Optional.of(name);
            case DROP -> Optional.empty();
        };
    }

    private String hash(String kind, String name) {
        int place = (31 * kind.hashCode() + name.hashCode()) & (PLACES - 1);
        Known known = places[place];
        if (known != null && known.name.equals(name) && known.kind.equals(kind)) {
            return known.hash;
        }
        mac.update(kind.getBytes(StandardCharsets.UTF_8));
        mac.update((byte) 0);
        byte[] full = mac.doFinal(name.getBytes(StandardCharsets.UTF_8));
        String hash = HEX.formatHex(full, 0, KEPT_BYTES);
        places[place] = new Known(kind, name, hash);
        return hash;
    }
}
