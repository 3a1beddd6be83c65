package io.inferwatch.gpu;

import java.util.Map;

/**
 * What watching the GPUs has cost and missed since the start.
 *
 * @param calls by C symbol
 * @param errors how often NVML answered with this code, by {@code nvmlReturn_t}
 * @param garbageReadings answers out of any possible range, by metric; dropped
 * @param skippedPolls polls not begun because the one before was still under way
 * @param hungCalls driver calls past the deadline now
 * @param sinkFailures polls the taker threw at
 */
public record GpuStats(
        Map<String, Call> calls,
        Map<Integer, Long> errors,
        Map<String, Long> garbageReadings,
        long skippedPolls,
        int hungCalls,
        long sinkFailures) {
    public GpuStats {
        calls = Map.copyOf(calls);
        errors = Map.copyOf(errors);
        garbageReadings = Map.copyOf(garbageReadings);
    }

    /** Calls of one symbol that returned, and the time they took. */
    public record Call(long count, long totalNanos, long longestNanos) {}
}
