package io.inferwatch.notifier.outbound;

import java.net.InetAddress;
import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Where the sidecar may connect to: {@code https} on port 443 to a host named here, or exactly an origin written out
 * ({@code http://127.0.0.1:8085}, {@code https://relay.example:8443}). A host by name must not resolve to a private
 * address; a written-out origin may, since the operator said so.
 */
public final class AllowedHosts {
    private static final int HTTPS_PORT = 443;

    private final Set<String> hosts = new HashSet<>();
    private final Set<String> origins = new HashSet<>();

    /** @throws IllegalArgumentException when an entry is neither a host name nor an origin */
    public AllowedHosts(List<String> entries) {
        for (String entry : entries) {
            if (entry.contains("://")) {
                origins.add(origin(parse(entry)
                        .filter(uri -> uri.getHost() != null)
                        .orElseThrow(() -> new IllegalArgumentException("notifier.allowed_hosts: \"" + entry
                                + "\" is no origin; write it as http://127.0.0.1:8085"))));
            } else if (entry.matches("[A-Za-z0-9.-]+")) {
                hosts.add(entry.toLowerCase(Locale.ROOT));
            } else {
                throw new IllegalArgumentException("notifier.allowed_hosts: \"" + entry
                        + "\" is no host name; an address with a port is written http://HOST:PORT");
            }
        }
    }

    /** Why this URL may not be called; empty when it may. The answer never repeats more of it than its host. */
    public Optional<String> objection(String url) {
        Optional<URI> parsed = parse(url);
        if (parsed.isEmpty() || parsed.get().getHost() == null || parsed.get().getScheme() == null) {
            return Optional.of("it is no URL with a host");
        }
        URI uri = parsed.get();
        if (uri.getRawUserInfo() != null) {
            return Optional.of("it carries a user name");
        }
        if (isWrittenOut(uri)) {
            return Optional.empty();
        }
        String host = uri.getHost().toLowerCase(Locale.ROOT);
        if (!uri.getScheme().equalsIgnoreCase("https")) {
            return Optional.of("only https is allowed; list http://" + host + ":PORT in notifier.allowed_hosts to reach"
                    + " a plain-text address");
        }
        if (!hosts.contains(host)) {
            return Optional.of("host " + host + " is not in notifier.allowed_hosts");
        }
        return port(uri) == HTTPS_PORT
                ? Optional.empty()
                : Optional.of("port " + port(uri) + " is not 443; list https://" + host + ":" + port(uri)
                        + " in notifier.allowed_hosts to reach it");
    }

    /** Whether this very origin stands in the list, so that its address may be a private one. */
    boolean isWrittenOut(URI uri) {
        return origins.contains(origin(uri));
    }

    /** Whether an address belongs to this machine, a private network or a cloud's metadata service. */
    static boolean isPrivate(InetAddress address) {
        byte[] bytes = address.getAddress();
        int first = bytes[0] & 0xff;
        int second = bytes[1] & 0xff;
        boolean shared = bytes.length == 4 && (first == 0 || (first == 100 && second >= 64 && second < 128));
        boolean uniqueLocal = bytes.length == 16 && (first & 0xfe) == 0xfc;
        return shared
                || uniqueLocal
                || address.isAnyLocalAddress()
                || address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                || address.isSiteLocalAddress()
                || address.isMulticastAddress();
    }

    private static Optional<URI> parse(String url) {
        try {
            return Optional.of(URI.create(url.strip()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String origin(URI uri) {
        return uri.getScheme().toLowerCase(Locale.ROOT) + "://" + uri.getHost().toLowerCase(Locale.ROOT) + ":"
                + port(uri);
    }

    private static int port(URI uri) {
        if (uri.getPort() >= 0) {
            return uri.getPort();
        }
        return uri.getScheme().equalsIgnoreCase("http") ? 80 : HTTPS_PORT;
    }
}
