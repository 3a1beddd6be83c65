package io.inferwatch.gpu.host;

import java.util.Locale;
import java.util.Optional;

/**
 * A TCP socket that listens.
 *
 * @param loopback the host part of an address by which it is reached without leaving this machine; empty where it listens at
 *     another address only
 */
record ListeningSocket(int port, Optional<String> loopback) {
    private static final int HEX = 16;
    private static final int IPV4_DIGITS = 8;
    private static final String ANY = "0".repeat(32);
    private static final String LOOPBACK_6 = "0".repeat(24) + "01000000";
    private static final String MAPPED = "0000000000000000FFFF0000";

    /** @param local as {@code /proc/net/tcp} and {@code tcp6} write it: {@code 0100007F:1F90}, each 32 bits turned round */
    static ListeningSocket parsed(String local) {
        int colon = local.indexOf(':');
        String address = local.substring(0, colon).toUpperCase(Locale.ROOT);
        return new ListeningSocket(Integer.parseInt(local.substring(colon + 1), HEX), loopback(address));
    }

    private static Optional<String> loopback(String address) {
        if (address.length() == IPV4_DIGITS) {
            return ipv4(address);
        }
        if (address.equals(ANY) || address.equals(LOOPBACK_6)) {
            return Optional.of("[::1]");
        }
        return address.startsWith(MAPPED) ? ipv4(address.substring(MAPPED.length())) : Optional.empty();
    }

    private static Optional<String> ipv4(String address) {
        if (address.equals("0".repeat(IPV4_DIGITS))) {
            return Optional.of("127.0.0.1");
        }
        if (!address.endsWith("7F")) {
            return Optional.empty();
        }
        return Optional.of("127." + octet(address, 4) + "." + octet(address, 2) + "." + octet(address, 0));
    }

    private static int octet(String address, int at) {
        return Integer.parseInt(address.substring(at, at + 2), HEX);
    }
}
