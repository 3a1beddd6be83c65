package io.inferwatch.gpu;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The thread that connects to the driver, made when first needed, and what it is about. Begun by the watch alone. */
final class DriverLane {
    private final Function<String, Lane> lanes;
    private final LongSupplier nanos;
    private final Duration deadline;
    private final Runnable connected;
    private volatile @Nullable Lane lane;
    private volatile @Nullable Task underWay;

    /** @param connects whether polls wait for it */
    private record Task(long beganNanos, boolean connects) {}

    /**
     * @param deadline past it, connecting hangs
     * @param connected called after each try to connect
     */
    DriverLane(Function<String, Lane> lanes, LongSupplier nanos, Duration deadline, Runnable connected) {
        this.lanes = lanes;
        this.nanos = nanos;
        this.deadline = deadline;
        this.connected = connected;
    }

    /** @param connects whether polls wait for it */
    void run(boolean connects, Runnable task) {
        Lane own = lane;
        if (own == null) {
            own = lanes.apply("gpu-driver");
            lane = own;
        }
        underWay = new Task(nanos.getAsLong(), connects);
        own.run(() -> {
            try {
                task.run();
            } finally {
                underWay = null;
            }
            if (connects) {
                connected.run();
            }
        });
    }

    /** Any thread. */
    boolean isBusy() {
        return underWay != null;
    }

    /** Any thread. */
    boolean isConnecting() {
        Task task = underWay;
        return task != null && task.connects();
    }

    /** Whether connecting takes longer than the deadline. Any thread. */
    boolean isHung() {
        Task task = underWay;
        return task != null && task.connects() && nanos.getAsLong() - task.beganNanos() >= deadline.toNanos();
    }

    /** Empty until something was run. Any thread. */
    Optional<Lane> lane() {
        return Optional.ofNullable(lane);
    }
}
