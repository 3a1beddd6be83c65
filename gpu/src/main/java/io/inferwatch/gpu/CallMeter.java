package io.inferwatch.gpu;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** Adds up what the NVML calls of all threads cost. Any thread. */
final class CallMeter {
    private final Map<String, GpuStats.Call> calls = new HashMap<>();
    private final Map<Integer, Long> errors = new HashMap<>();
    private final Map<String, Long> garbageReadings = new HashMap<>();

    synchronized void called(String symbol, long tookNanos) {
        calls.merge(
                symbol,
                new GpuStats.Call(1, tookNanos, tookNanos),
                (sum, call) -> new GpuStats.Call(
                        sum.count() + 1, sum.totalNanos() + tookNanos, Math.max(sum.longestNanos(), tookNanos)));
    }

    synchronized void failed(int code) {
        errors.merge(code, 1L, Long::sum);
    }

    synchronized void garbage(GpuField field) {
        garbageReadings.merge(field.metric(), 1L, Long::sum);
    }

    synchronized GpuStats stats(long skippedPolls, int hungCalls, long sinkFailures) {
        return new GpuStats(new TreeMap<>(calls), errors, garbageReadings, skippedPolls, hungCalls, sinkFailures);
    }
}
