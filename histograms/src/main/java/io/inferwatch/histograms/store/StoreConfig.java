package io.inferwatch.histograms.store;

import io.inferwatch.histograms.Resolution;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/**
 * The {@code store} keys of the configuration.
 *
 * @param url empty: H2 in the data directory; else {@code jdbc:postgresql:…}
 * @param username for PostgreSQL
 * @param passwordFile where the password for PostgreSQL stands; empty: none
 * @param maxBytes what the windows may take on disk; past it the finest resolution is kept for a shorter time
 * @param retention for how long each resolution is kept; a coarser one at least as long as a finer
 */
public record StoreConfig(
        String url, String username, String passwordFile, long maxBytes, Map<Resolution, Duration> retention) {
    private static final long MIN_BYTES = 64L << 20;

    public static final StoreConfig DEFAULT = new StoreConfig(
            "",
            "",
            "",
            20L << 30,
            Map.of(
                    Resolution.TEN_SECONDS, Duration.ofDays(2),
                    Resolution.MINUTE, Duration.ofDays(14),
                    Resolution.TEN_MINUTES, Duration.ofDays(90),
                    Resolution.HOUR, Duration.ofDays(400)));

    /** @throws IllegalArgumentException naming the key, the value and what it should be */
    public StoreConfig {
        if (!url.isEmpty() && !url.startsWith("jdbc:postgresql:")) {
            throw new IllegalArgumentException("store.url: \"" + url.replaceAll("//[^/@]*@", "//<redacted>@")
                    + "\" is neither empty (H2 in the data directory) nor jdbc:postgresql:…");
        }
        if (maxBytes < MIN_BYTES) {
            throw new IllegalArgumentException("store.max_bytes: " + maxBytes + " is below 64MiB");
        }
        retention = checked(retention);
    }

    private static Map<Resolution, Duration> checked(Map<Resolution, Duration> given) {
        Map<Resolution, Duration> all = new EnumMap<>(Resolution.class);
        Duration finer = Duration.ofHours(3);
        for (Resolution resolution : Resolution.values()) {
            Duration kept = given.get(resolution);
            if (kept == null) {
                throw new IllegalArgumentException("store.retention: no duration for " + name(resolution));
            }
            if (kept.compareTo(finer) < 0) {
                throw new IllegalArgumentException("store.retention." + name(resolution) + ": " + kept
                        + " is shorter than " + finer + ", the least, or what the finer resolution is kept for");
            }
            finer = kept;
            all.put(resolution, kept);
        }
        return Map.copyOf(all);
    }

    /** The key under {@code store.retention}. */
    public static String name(Resolution resolution) {
        return switch (resolution) {
            case TEN_SECONDS -> "10s";
            case MINUTE -> "1m";
            case TEN_MINUTES -> "10m";
            case HOUR -> "1h";
        };
    }

    Duration kept(Resolution resolution) {
        Duration kept = retention.get(resolution);
        if (kept == null) {
            throw new IllegalStateException("no retention for " + resolution);
        }
        return kept;
    }

    DatabaseKind kind() {
        return url.isEmpty() ? DatabaseKind.H2 : DatabaseKind.POSTGRES;
    }
}
