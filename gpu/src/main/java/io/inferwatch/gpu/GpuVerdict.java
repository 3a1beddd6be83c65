package io.inferwatch.gpu;

import java.time.Instant;

/**
 * What the probe makes of a GPU.
 *
 * @param reason why, in words an operator can act on; empty while healthy
 * @param action what to do about it; empty while healthy
 * @param since when this state began
 */
public record GpuVerdict(State state, String reason, String action, Instant since) {

    /** Printed in lower case with underscores, as the HTTP API does. */
    public enum State {
        HEALTHY,
        DEGRADED,
        FAILING,
        LOST,
        DRIVER_UNRESPONSIVE
    }
}
