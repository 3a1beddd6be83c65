package io.inferwatch.gpu;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** Adds up what the NVML calls of all threads cost. Any thread. */
final class CallMeter {
    private final Map<String, Cost> costs = new HashMap<>();
    private final Map<Integer, Long> errors = new HashMap<>();
    private final Map<String, Long> garbageReadings = new HashMap<>();

    private static final class Cost {
        private final CallTimes times;
        private long count;
        private long totalNanos;
        private long longestNanos;

        private Cost(long nowNanos) {
            times = new CallTimes(nowNanos);
        }

        private GpuStats.Call told(long nowNanos) {
            return new GpuStats.Call(
                    count,
                    totalNanos,
                    longestNanos,
                    times.percentileNanos(0.5, nowNanos),
                    times.percentileNanos(0.99, nowNanos));
        }
    }

    /** @param nowNanos when it returned */
    synchronized void called(String symbol, long tookNanos, long nowNanos) {
        Cost cost = costs.computeIfAbsent(symbol, first -> new Cost(nowNanos));
        cost.times.add(tookNanos, nowNanos);
        cost.count++;
        cost.totalNanos += tookNanos;
        cost.longestNanos = Math.max(cost.longestNanos, tookNanos);
    }

    synchronized void failed(int code) {
        errors.merge(code, 1L, Long::sum);
    }

    synchronized void garbage(GpuField field) {
        garbageReadings.merge(field.metric(), 1L, Long::sum);
    }

    synchronized GpuStats stats(GpuStats.Polls polls, int hungCalls, long nowNanos) {
        Map<String, GpuStats.Call> calls = new TreeMap<>();
        costs.forEach((symbol, cost) -> calls.put(symbol, cost.told(nowNanos)));
        return new GpuStats(calls, errors, garbageReadings, polls, hungCalls);
    }
}
