package io.inferwatch.collector.scrape;

import java.net.URI;
import java.time.Duration;

/**
 * One server whose page is read.
 *
 * @param server its name, which becomes the label {@code server}
 * @param address http or https, without credentials
 * @param interval from 1 s to 30 s, the longest after which a source still counts as live
 */
public record ScrapeTarget(String server, URI address, Duration interval) {
    public static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(5);
    private static final Duration LONGEST_INTERVAL = Duration.ofSeconds(30);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(2);

    public ScrapeTarget {
        String scheme = String.valueOf(address.getScheme());
        if (!(scheme.equals("http") || scheme.equals("https")) || address.getHost() == null) {
            throw new IllegalArgumentException(
                    "scrape: \"" + address + "\" is no address; write one such as http://127.0.0.1:8000/metrics");
        }
        if (address.getRawUserInfo() != null) {
            throw new IllegalArgumentException("scrape: the address of " + address.getHost()
                    + " holds credentials, which would be shown; serve the page without them on a private address");
        }
        if (interval.compareTo(Duration.ofSeconds(1)) < 0 || interval.compareTo(LONGEST_INTERVAL) > 0) {
            throw new IllegalArgumentException(
                    "scrape.interval: " + interval.toMillis() + " ms is out of bounds; give 1s to 30s");
        }
    }

    /** How long a server may take to answer, the body included. */
    public Duration timeout() {
        return interval.compareTo(LONGEST_WAIT) < 0 ? interval : LONGEST_WAIT;
    }
}
