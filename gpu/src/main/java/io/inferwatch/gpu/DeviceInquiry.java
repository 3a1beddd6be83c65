package io.inferwatch.gpu;

import io.inferwatch.gpu.Nvml.Device;
import io.inferwatch.gpu.Nvml.NumberQuery;
import io.inferwatch.gpu.Nvml.Ring;
import io.inferwatch.gpu.Nvml.RingSample;
import io.inferwatch.gpu.Nvml.Utilization;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What is asked of one GPU within one driver generation: the ring cursors, what it has said it cannot answer, and the
 * answers of the poll under way, so that several fields taken from one struct cost one call. One thread.
 */
final class DeviceInquiry {
    private final Nvml nvml;
    private final Device device;
    private final Map<Ring, Long> newestSeen = new EnumMap<>(Ring.class);
    private final Set<Object> unsupported = new HashSet<>();
    private final Map<Object, Reading<?>> answers = new HashMap<>();

    DeviceInquiry(Nvml nvml, Device device) {
        this.nvml = nvml;
        this.device = device;
    }

    /** Memory as NVML tells it now; reserved is a case of its own because the older call does not separate it. */
    record Memory(long totalBytes, long usedBytes, Reading<Long> reservedBytes) {}

    void beginPoll() {
        answers.clear();
    }

    Reading<Long> number(NumberQuery query) {
        return once(query, () -> nvml.number(device, query));
    }

    /** The first of these that the driver knows. */
    Reading<Long> firstSupported(NumberQuery preferred, NumberQuery older) {
        Reading<Long> answer = number(preferred);
        return answer instanceof Reading.Unsupported<Long> ? number(older) : answer;
    }

    Reading<Memory> memory() {
        Reading<Memory> answer = once("v2", () -> nvml.memoryV2(device))
                .map(memory -> new Memory(
                        memory.totalBytes(), memory.usedBytes(), new Reading.Value<>(memory.reservedBytes())));
        if (!(answer instanceof Reading.Unsupported<Memory>)) {
            return answer;
        }
        return once("v1", () -> nvml.memoryV1(device))
                .map(memory -> new Memory(memory.totalBytes(), memory.usedBytes(), new Reading.Unsupported<>()));
    }

    Reading<Long> recoveryAction() {
        return once("recovery", () -> nvml.recoveryAction(device));
    }

    Reading<Long> memoryReservedBytes() {
        return switch (memory()) {
            case Reading.Value<Memory>(Memory memory) -> memory.reservedBytes();
            case Reading<Memory> absent -> absent.map(Memory::usedBytes);
        };
    }

    /**
     * The percent values since the last poll, oldest first. The ring loses nothing between polls, but is empty on an
     * idle GPU and missing on some: then the one value of the driver's last window.
     */
    Reading<List<Double>> percents(Ring ring) {
        Reading<List<Double>> fromRing = once(ring, () -> newSamples(ring));
        return switch (fromRing) {
            case Reading.Value<List<Double>> values -> values;
            case Reading.Unsupported<List<Double>>() -> rate(ring);
            case Reading.Stale<List<Double>>() -> rate(ring);
            case Reading.NoPermission<List<Double>>() -> rate(ring);
            case Reading.Failed<List<Double>> failed -> failed;
        };
    }

    private Reading<List<Double>> rate(Ring ring) {
        Reading<Utilization> rates = once("rates", () -> nvml.utilization(device));
        return rates.map(rate -> List.of(
                switch (ring) {
                    case GPU_UTILIZATION -> (double) rate.gpuPercent();
                    case MEMORY_UTILIZATION -> (double) rate.memoryPercent();
                }));
    }

    private Reading<List<Double>> newSamples(Ring ring) {
        Long seen = newestSeen.get(ring);
        Reading<List<RingSample>> answer = nvml.samples(device, ring, seen == null ? 0 : seen);
        if (!(answer instanceof Reading.Value<List<RingSample>>(List<RingSample> samples))) {
            return answer.map(none -> List.of());
        }
        List<RingSample> fresh = new ArrayList<>(samples);
        fresh.removeIf(sample -> seen != null && sample.timestamp() <= seen);
        fresh.sort(Comparator.comparingLong(RingSample::timestamp));
        if (fresh.isEmpty()) {
            return new Reading.Stale<>();
        }
        newestSeen.put(ring, fresh.getLast().timestamp());
        // What the ring held before the first poll is older than an interval and would all be told as of now.
        List<RingSample> told = seen == null ? List.of(fresh.getLast()) : fresh;
        return new Reading.Value<>(told.stream().map(RingSample::value).toList());
    }

    /** Asks once a poll, and never again in this generation what the driver does not support. */
    @SuppressWarnings("unchecked") // a question is only ever put with one type of answer
    private <T> Reading<T> once(Object question, Supplier<Reading<T>> call) {
        if (unsupported.contains(question)) {
            return new Reading.Unsupported<>();
        }
        Reading<?> known = answers.get(question);
        if (known != null) {
            return (Reading<T>) known;
        }
        Reading<T> answer = call.get();
        answers.put(question, answer);
        if (answer instanceof Reading.Unsupported<T>) {
            unsupported.add(question);
        }
        return answer;
    }
}
