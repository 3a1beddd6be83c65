package io.inferwatch.api.access;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The host names under which the API answers. A page on the web can make a browser resolve its own name to 127.0.0.1;
 * the {@code Host} header then still carries that name, and is refused here.
 */
public final class HostAllowList {
    private final Set<String> names = new HashSet<>(Set.of("localhost", "127.0.0.1", "[::1]"));

    /** @param configured further names, without a port */
    public HostAllowList(String boundTo, List<String> configured) {
        names.add(boundTo.toLowerCase(Locale.ROOT));
        configured.forEach(name -> names.add(name.toLowerCase(Locale.ROOT)));
    }

    /** @param hostHeader as sent, with or without a port; absent is refused */
    public boolean allows(String hostHeader) {
        return names.contains(withoutPort(hostHeader.strip()).toLowerCase(Locale.ROOT));
    }

    private static String withoutPort(String host) {
        int bracket = host.lastIndexOf(']');
        int colon = host.lastIndexOf(':');
        return colon > bracket ? host.substring(0, colon) : host;
    }
}
