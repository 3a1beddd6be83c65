package io.inferwatch.gpu;

import io.inferwatch.gpu.Nvml.Device;
import io.inferwatch.gpu.NvmlFields.Field;
import io.inferwatch.gpu.NvmlFields.FieldValue;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * For how long each reason has held the clocks down since the driver was loaded. As field numbers have changed meaning,
 * a field is believed only while it behaves as such a counter must: it has 64 bits and grows no faster than time. One
 * thread.
 */
final class ThrottleClocks {
    /** What a counter may outrun our clock by: the call and the counter's own step. */
    private static final double SLACK = 1.05;

    private static final double SLACK_NANOS = 50e6;

    /** A driver that does not tell its version numbers the fields in an older way. */
    private static final int OLDER = 1;

    private final Nvml nvml;
    private final Device device;
    private final FieldBatch batch;
    private final LongSupplier nanos;
    private final Map<Field, Level> levels = new HashMap<>();
    private final Set<Field> refused = new HashSet<>();
    private final Set<ThrottleReason> withoutPolicy = EnumSet.noneOf(ThrottleReason.class);
    private int cudaVersion;

    private record Level(double counterNanos, long atNanos) {}

    ThrottleClocks(Nvml nvml, Device device, FieldBatch batch, LongSupplier nanos) {
        this.nvml = nvml;
        this.device = device;
        this.batch = batch;
        this.nanos = nanos;
    }

    /** Asks the driver how it numbers the fields, until it has said so. */
    void beginPoll() {
        if (cudaVersion == 0) {
            cudaVersion = switch (nvml.cudaVersion()) {
                case Reading.Value<Integer>(Integer version) -> version;
                case Reading.Unsupported<Integer>() -> OLDER;
                case Reading<Integer> unknown -> 0;
            };
        }
    }

    /** The fields to ask for in this poll. */
    List<Field> fields(ThrottleReason reason) {
        return candidates(reason).toList();
    }

    /** In seconds, since the driver was loaded. */
    Reading<Double> seconds(ThrottleReason reason) {
        for (Field field : candidates(reason).toList()) {
            Reading<FieldValue> answer = batch.read(field);
            switch (answer) {
                case Reading.Unsupported<FieldValue>() -> {}
                case Reading.Value<FieldValue>(FieldValue value) -> {
                    if (behaves(field, value)) {
                        return new Reading.Value<>(value.value() * 1e-9);
                    }
                    refused.add(field);
                }
                case Reading<FieldValue> absent -> {
                    return absent.map(none -> 0.0);
                }
            }
        }
        return byPolicy(reason);
    }

    private Stream<Field> candidates(ThrottleReason reason) {
        return reason.fields(cudaVersion).stream().filter(field -> !refused.contains(field));
    }

    private boolean behaves(Field field, FieldValue value) {
        long now = nanos.getAsLong();
        Level before = levels.put(field, new Level(value.value(), now));
        if (!value.is64Bit() || value.value() < 0) {
            return false;
        }
        // A smaller value is a reset, which the counter's reader knows how to take.
        return before == null
                || value.value() - before.counterNanos() <= (now - before.atNanos()) * SLACK + SLACK_NANOS;
    }

    private Reading<Double> byPolicy(ThrottleReason reason) {
        if (reason.policy() < 0 || withoutPolicy.contains(reason)) {
            return new Reading.Unsupported<>();
        }
        Reading<Long> violation = nvml.violationNanos(device, reason.policy());
        if (violation instanceof Reading.Unsupported<Long>) {
            withoutPolicy.add(reason);
        }
        return violation.map(spent -> spent * 1e-9);
    }
}
