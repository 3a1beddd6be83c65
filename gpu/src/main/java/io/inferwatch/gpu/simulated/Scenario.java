package io.inferwatch.gpu.simulated;

import java.time.Instant;

/** What happens to the simulated GPUs. Asked by several threads, and always answers the same for the same moment. */
public interface Scenario {

    /** How busy a GPU is, 0 to 1. */
    double load(int gpu, Instant at);

    /** How much of a GPU's memory is taken by weights and key-value cache, 0 to 1. */
    default double memoryShare(int gpu, Instant at) {
        return 0.62 + 0.3 * load(gpu, at);
    }

    /** Whether a GPU has fallen off the bus. */
    default boolean isLost(int gpu, Instant at) {
        return false;
    }
}
