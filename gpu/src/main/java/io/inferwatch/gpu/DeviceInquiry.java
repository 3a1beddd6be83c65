package io.inferwatch.gpu;

import io.inferwatch.gpu.Nvml.Device;
import io.inferwatch.gpu.Nvml.MemoryV2;
import io.inferwatch.gpu.Nvml.NumberQuery;
import io.inferwatch.gpu.Nvml.Ring;
import io.inferwatch.gpu.Nvml.RingSample;
import io.inferwatch.gpu.Nvml.Utilization;
import io.inferwatch.gpu.NvmlFields.Field;
import io.inferwatch.gpu.NvmlFields.FieldValue;
import io.inferwatch.gpu.NvmlFields.RemappedRows;
import io.inferwatch.gpu.NvmlFields.SramErrors;
import io.inferwatch.gpu.NvmlFields.WideQuery;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What is asked of one GPU within one driver generation: the ring cursors, what it has said it cannot answer, and the
 * answers of the poll under way, so that several fields taken from one struct cost one call. One thread.
 */
final class DeviceInquiry {
    private static final NumberQuery TEMPERATURE = NumberQuery.of("nvmlDeviceGetTemperature", 0);

    private final Nvml nvml;
    private final Device device;
    private final Map<Ring, Long> newestSeen = new EnumMap<>(Ring.class);
    private final Set<Object> unsupported = new HashSet<>();
    private final Map<Object, Reading<?>> answers = new HashMap<>();
    private final FieldBatch batch;
    private final ThrottleClocks throttle;
    private final GpmWindow gpm;
    private final InstanceActivity instances;

    /** @param nanos a monotonic clock */
    DeviceInquiry(Nvml nvml, Device device, GpmWindow.Access gpmAccess, LongSupplier nanos) {
        this.nvml = nvml;
        this.device = device;
        this.batch = new FieldBatch(nvml, device);
        this.throttle = new ThrottleClocks(nvml, device, batch, nanos);
        this.gpm = GpmWindow.ofGpu(nvml, device, gpmAccess, nanos);
        this.instances = new InstanceActivity(nvml, device, gpmAccess, nanos);
    }

    /** Memory as NVML tells it now; in the older call, used is with what is reserved. */
    record Memory(long totalBytes, long usedBytes) {}

    /** @param due the rows that will be read */
    void beginPoll(List<FieldRow> due) {
        answers.clear();
        gpm.beginPoll();
        instances.beginPoll();
        throttle.beginPoll();
        batch.beginPoll(
                due.stream().flatMap(row -> row.fields().apply(this).stream()).toList());
    }

    Reading<FieldValue> field(Field field) {
        return batch.read(field);
    }

    /** A counter of 64 bits: one of 32 wraps within seconds, and is as good as none. */
    Reading<Double> field64(Field field) {
        return switch (batch.read(field)) {
            case Reading.Value<FieldValue>(FieldValue value) when !value.is64Bit() -> new Reading.Unsupported<>();
            case Reading<FieldValue> answer -> answer.map(FieldValue::value);
        };
    }

    Reading<Long> wide(WideQuery query) {
        return once(query, () -> nvml.wide(device, query));
    }

    Reading<Integer> temperature() {
        Reading<Long> answer = number(TEMPERATURE);
        return answer instanceof Reading.Unsupported<Long>
                ? once("temperature", () -> nvml.temperatureV(device))
                : answer.map(degrees -> (int) Math.min(degrees, Integer.MAX_VALUE));
    }

    Reading<Integer> marginTemperature() {
        return once("margin", () -> nvml.marginTemperature(device));
    }

    Reading<SramErrors> sramErrors() {
        return once("sram", () -> nvml.sramErrors(device));
    }

    Reading<RemappedRows> remappedRows() {
        return once("rows", () -> nvml.remappedRows(device));
    }

    Reading<Double> throttleSeconds(ThrottleReason reason) {
        return throttle.seconds(reason);
    }

    List<Field> throttleFields(ThrottleReason reason) {
        return throttle.fields(reason);
    }

    /**
     * The activity since the poll before. That of a GPU whose MIG instances tell theirs is not told once more as a whole:
     * the two would be one series to whoever asks for that GPU.
     */
    Reading<Double> gpm(int metric) {
        return instances.tell() ? new Reading.Unsupported<>() : gpm.metric(metric);
    }

    /** Its MIG GPU instances. */
    InstanceActivity instances() {
        return instances;
    }

    /** Gives back what the library keeps for it. It is not asked again. */
    void free() {
        gpm.free();
        instances.free();
    }

    /** Since this GPU was first asked. */
    Reading<Double> gpmBytes(int rate) {
        return gpm.bytes(rate);
    }

    /** Whether this GPU measures this by GPM, if perhaps not just now. */
    boolean gpmTells(int metric) {
        boolean isUnsupported = gpm(metric) instanceof Reading.Unsupported<Double>;
        return gpm.isSupported() && !isUnsupported;
    }

    /** What a ring took in since the last poll; nothing where the driver keeps none. */
    List<Double> sinceLastPoll(Ring ring) {
        return once(ring, () -> newSamples(ring)) instanceof Reading.Value<List<Double>>(List<Double> values)
                ? values
                : List.of();
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
        Reading<Memory> answer = memoryV2().map(memory -> new Memory(memory.totalBytes(), memory.usedBytes()));
        return answer instanceof Reading.Unsupported<Memory>
                ? once("v1", () -> nvml.memoryV1(device))
                        .map(memory -> new Memory(memory.totalBytes(), memory.usedBytes()))
                : answer;
    }

    /** The older call does not tell it apart, so where there is no other it cannot be told, whatever that one answers. */
    Reading<Long> memoryReservedBytes() {
        return memoryV2().map(MemoryV2::reservedBytes);
    }

    private Reading<MemoryV2> memoryV2() {
        return once("v2", () -> nvml.memoryV2(device));
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
        return rates.map(
                rate -> List.of((double) (ring == Ring.MEMORY_UTILIZATION ? rate.memoryPercent() : rate.gpuPercent())));
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
