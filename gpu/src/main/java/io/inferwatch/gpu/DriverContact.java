package io.inferwatch.gpu;

import io.inferwatch.gpu.DriverLink.State.Absent;
import io.inferwatch.gpu.DriverLink.State.Connected;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Contact with the driver: made where it is due, made anew when the driver was replaced, given up on request. What may hang
 * runs on {@code gpu-driver}; the watch alone begins it.
 */
final class DriverContact {
    private static final Logger log = LoggerFactory.getLogger(DriverContact.class);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
    private static final Duration COUNT_INTERVAL = Duration.ofSeconds(30);

    private final DriverLink link;
    private final DriverLane lane;
    private final LongSupplier nanos;
    private final Duration deadline;
    private final Backoff reconnect;
    private final Host host;
    private volatile DriverLink.State state = new Absent("NVML has not answered yet");
    private long lastCountNanos;

    /** Whose contact it is. */
    interface Host {
        /** Whether a missing driver is news. */
        boolean expectsGpus();

        /** Nothing may hold an event set of a driver that is let go or connected anew. On {@code gpu-driver}. */
        void freeEvents();

        /** What the driver has said is known. On {@code gpu-driver}. */
        void heard();
    }

    DriverContact(DriverLink link, DriverLane lane, LongSupplier nanos, GpuConfig config, Host host) {
        this.link = link;
        this.lane = lane;
        this.nanos = nanos;
        this.deadline = config.deadline();
        this.reconnect = new Backoff(config.interval(), LONGEST_PAUSE);
        this.host = host;
    }

    /** Any thread. */
    DriverLink.State state() {
        return state;
    }

    /** Rises with each connection. Any thread. */
    int generation() {
        return link.generation();
    }

    /** There is no driver to ask, for this reason, whatever the driver says. */
    void absent(String reason) {
        state = new Absent(reason);
    }

    /** Whether something is under way. Any thread. */
    boolean isBusy() {
        return lane.isBusy();
    }

    boolean isConnecting() {
        return lane.isConnecting();
    }

    /** Whether the driver was ever asked for. Any thread. */
    boolean wasTried() {
        return lane.lane().isPresent();
    }

    boolean mayConnect() {
        return !lane.isBusy() && reconnect.isDue(nanos.getAsLong());
    }

    /** Contact is good, or is wanted at once: the next try need not wait. */
    void succeeded() {
        reconnect.succeeded();
    }

    /** Set while connecting takes longer than the deadline. Any thread. */
    Optional<Diagnosis> hung() {
        return lane.isHung() ? Optional.of(Diagnosis.unresponsive(link.underWay(), deadline)) : Optional.empty();
    }

    /** @param callHangs a driver call has not returned: nothing may be shut down under it */
    void connect(boolean callHangs) {
        reconnect.tried(nanos.getAsLong());
        lastCountNanos = nanos.getAsLong();
        lane.run(true, () -> {
            if (!callHangs) {
                host.freeEvents();
            }
            DriverLink.State now = link.connect(callHangs);
            say(now);
            state = now;
            host.heard();
        });
    }

    /** A GPU that is added, or comes back at the end of the list, is seen by this. */
    void recount(Connected driver) {
        if (lane.isBusy() || nanos.getAsLong() - lastCountNanos < COUNT_INTERVAL.toNanos()) {
            return;
        }
        lastCountNanos = nanos.getAsLong();
        lane.run(false, () -> state = link.recount(driver));
    }

    /**
     * Shuts NVML down.
     *
     * @param isIdle whether no call is under way; else nothing happens, and the next beat tries again
     */
    void letGo(DriverLeave.Wanted wanted, BooleanSupplier isIdle) {
        if (lane.isBusy() || !isIdle.getAsBoolean()) {
            return;
        }
        if (state instanceof Connected) {
            lane.run(false, () -> {
                host.freeEvents();
                link.letGo();
                state = new Absent(wanted.reason());
                log.info("NVML is {}", wanted.reason());
                wanted.done().complete(null);
            });
        } else {
            state = new Absent(wanted.reason());
            wanted.done().complete(null);
        }
    }

    /**
     * Ends it for good.
     *
     * @param isQuiet whether every other thread has ended; else NVML is left as it is
     */
    void end(boolean isQuiet, Duration patience) {
        lane.lane().ifPresent(driver -> {
            if (isQuiet && !lane.isHung()) {
                driver.run(() -> {
                    host.freeEvents();
                    link.disconnect();
                    driver.end();
                });
            } else {
                driver.end();
            }
            if (!driver.awaitEnd(patience) || !isQuiet) {
                log.warn("NVML is not shut down: a driver call has not returned");
            }
        });
    }

    private void say(DriverLink.State now) {
        if (now instanceof Absent(String reason)) {
            if (!now.equals(state)) {
                // Where none was expected the ready line says it, once.
                log.atLevel(host.expectsGpus() ? Level.WARN : Level.DEBUG).log("No GPU is read: {}", reason);
            }
        } else if (now instanceof Connected connected) {
            log.info(
                    "NVML of driver {} counts {} GPUs (generation {})",
                    connected.driverVersion().orElse("unknown"),
                    connected.gpus(),
                    connected.generation());
        }
    }
}
