package io.inferwatch.gpu;

import io.inferwatch.gpu.NvmlFields.WideQuery;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What holds the clocks down at this moment: a glance, where the counters of {@link ThrottleReason} miss nothing, but
 * told by every driver. Of one bit alone nothing follows: HW_SLOWDOWN is also set while clocks merely change.
 */
final class ClockEvents {
    private static final WideQuery REASONS = WideQuery.of("nvmlDeviceGetCurrentClocksEventReasons");

    /** The name before header 12.2. */
    private static final WideQuery OLDER = WideQuery.of("nvmlDeviceGetCurrentClocksThrottleReasons");

    private ClockEvents() {}

    /** {@code nvmlClocksEventReason…}; those left out are no limits: idleness, and clocks that somebody has set. */
    private enum Bit {
        SW_POWER_CAP(0x4),
        HW_SLOWDOWN(0x8),
        SYNC_BOOST(0x10),
        SW_THERMAL(0x20),
        HW_THERMAL(0x40),
        HW_POWER_BRAKE(0x80);

        private final long mask;

        Bit(long mask) {
            this.mask = mask;
        }
    }

    static List<FieldRow> rows() {
        return Stream.of(Bit.values())
                .map(bit -> FieldRow.of(
                                "gpu.clock.event",
                                "0/1",
                                0,
                                1,
                                gpu -> reasons(gpu).map(reasons -> Samples.of((reasons & bit.mask) == 0 ? 0 : 1)))
                        .by("reason", bit.name().toLowerCase(Locale.ROOT)))
                .toList();
    }

    private static Reading<Long> reasons(DeviceInquiry gpu) {
        Reading<Long> answer = gpu.wide(REASONS);
        return answer instanceof Reading.Unsupported<Long> ? gpu.wide(OLDER) : answer;
    }
}
