package io.inferwatch.gpu.host;

import java.util.Comparator;
import java.util.Map;
import java.util.Optional;

/**
 * A port that belongs to processes with GPUs.
 *
 * @param loopback the host part of an address on this machine, such as {@code 127.0.0.1} or {@code [::1]}; empty where the
 *     port is open at another address only
 * @param owner the process that listens: of several that share the socket the one of the lowest pid
 * @param ownerTicks when it began, in clock ticks since the machine started
 * @param command its {@code comm}
 * @param isEphemeral whether the kernel gave the port out: few servers that people are to find have such a one
 * @param kinships how near it is to each process that holds a GPU, by pid
 */
public record HeldPort(
        int port,
        Optional<String> loopback,
        int owner,
        long ownerTicks,
        String command,
        boolean isEphemeral,
        Map<Integer, Kinship> kinships) {
    /** The likeliest to be a server's own page first. */
    public static final Comparator<HeldPort> LIKELIEST_FIRST = Comparator.comparing(HeldPort::isEphemeral)
            .thenComparing(HeldPort::nearest)
            .thenComparingInt(HeldPort::port);

    /** How a process that listens is related to one that holds a GPU; the nearest first. */
    public enum Kinship {
        /** The same, one above it, or one below it. */
        LINE,
        /** Under the same launcher. */
        SIBLING,
        /** In the same container. */
        CONTAINER
    }

    public HeldPort {
        kinships = Map.copyOf(kinships);
    }

    private Kinship nearest() {
        return kinships.values().stream().min(Comparator.naturalOrder()).orElse(Kinship.CONTAINER);
    }
}
