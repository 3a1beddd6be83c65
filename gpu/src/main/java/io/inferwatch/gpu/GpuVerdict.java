package io.inferwatch.gpu;

import java.time.Instant;
import java.util.List;

/**
 * What the probe makes of a GPU.
 *
 * @param reason why, in words an operator can act on; empty while healthy
 * @param action what to do about it; empty while healthy
 * @param evidence everything seen that speaks for it, XIDs with their times; may speak of a healthy GPU too
 * @param since when this state began
 */
public record GpuVerdict(State state, String reason, String action, List<String> evidence, Instant since) {
    public GpuVerdict {
        evidence = List.copyOf(evidence);
    }

    /** A verdict that needs no evidence. */
    public GpuVerdict(State state, String reason, String action, Instant since) {
        this(state, reason, action, List.of(), since);
    }

    /** Printed in lower case with underscores, as the HTTP API does. */
    public enum State {
        HEALTHY,
        DEGRADED,
        FAILING,
        LOST,
        DRIVER_UNRESPONSIVE
    }
}
