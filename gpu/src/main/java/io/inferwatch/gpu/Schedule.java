package io.inferwatch.gpu;

import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/** Which rows are due in a poll of one GPU: at the first all are. One thread. */
final class Schedule {
    private final GpuConfig config;
    private final LongSupplier nanos;
    private final Map<ReadingClass, Long> lastNanos = new EnumMap<>(ReadingClass.class);

    Schedule(GpuConfig config, LongSupplier nanos) {
        this.config = config;
        this.nanos = nanos;
    }

    /** What is to be read now, and counts as read. */
    List<FieldRow> due() {
        long now = nanos.getAsLong();
        Set<ReadingClass> due = EnumSet.noneOf(ReadingClass.class);
        for (ReadingClass each : ReadingClass.values()) {
            Long last = lastNanos.get(each);
            // Polls come at a beat that is never quite exact: half of one early is on time.
            if (last == null
                    || now - last
                            >= every(each).minus(config.interval().dividedBy(2)).toNanos()) {
                due.add(each);
                lastNanos.put(each, now);
            }
        }
        return GpuFields.rows().stream()
                .filter(row -> due.contains(row.readingClass()))
                .toList();
    }

    private Duration every(ReadingClass each) {
        return switch (each) {
            case BEAT -> Duration.ZERO;
            case LINKS -> config.slow().links();
            case HEALTH -> config.slow().health();
        };
    }
}
