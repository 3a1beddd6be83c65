package io.inferwatch.gpu;

import java.util.Map;

/**
 * What watching the GPUs has cost and missed since the start.
 *
 * @param calls by C symbol
 * @param errors how often NVML answered with this code, by {@code nvmlReturn_t}
 * @param garbageReadings answers out of any possible range, by metric; dropped
 * @param polls those that did not come about
 * @param hungCalls driver calls past the deadline now
 */
public record GpuStats(
        Map<String, Call> calls,
        Map<Integer, Long> errors,
        Map<String, Long> garbageReadings,
        Polls polls,
        int hungCalls) {
    public GpuStats {
        calls = Map.copyOf(calls);
        errors = Map.copyOf(errors);
        garbageReadings = Map.copyOf(garbageReadings);
    }

    /**
     * Calls of one symbol that returned, and the time they took.
     *
     * @param medianNanos of the last one to two minutes, to a sixteenth; 0 without a call
     * @param p99Nanos the same, 99 in 100 calls
     */
    public record Call(long count, long totalNanos, long longestNanos, long medianNanos, long p99Nanos) {}

    /**
     * Polls of one GPU that did not come about.
     *
     * @param busy not begun because the one before was still under way
     * @param paced not begun because the driver is slow
     * @param refused those the taker threw at
     */
    public record Polls(long busy, long paced, long refused) {}
}
