package io.inferwatch.gpu;

import io.inferwatch.gpu.DriverLink.State.Connected;
import io.inferwatch.gpu.Nvml.Device;
import io.inferwatch.gpu.NvmlEvents.DriverEvent;
import io.inferwatch.gpu.NvmlEvents.Event;
import io.inferwatch.gpu.NvmlEvents.EventSet;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears of XIDs on a lane of its own, {@code gpu-events}: a round a beat, most of it spent waiting in the driver. Between
 * two rounds the driver keeps what happens. An error ends a round, so that a driver that answers each wait with one is
 * asked once a beat and no faster.
 *
 * <p>Its methods belong to the watch; {@link #free} to the driver thread, while no round is under way.
 */
final class EventWatch {
    private static final Logger log = LoggerFactory.getLogger(GpuProbe.class);

    /** More in one round are left for the next. */
    private static final int MOST_EVENTS = 256;

    private final Function<String, Lane> lanes;
    private final Timing timing;
    private final InstantSource clock;
    private final LongSupplier nanos;
    private final CallMeter meter;
    private final Listener listener;

    private final Map<String, Registered> registered = new HashMap<>();
    private int generation;
    private volatile @Nullable EventSet set;
    private volatile @Nullable EventSet driverSet;
    private volatile @Nullable MeteredNvml nvml;
    private volatile @Nullable Round underWay;
    private volatile boolean hushed;
    private volatile @Nullable Lane lane;

    /**
     * How long a round waits.
     *
     * @param slice one wait in the driver: what a stop or a release has to wait for
     * @param deadline past which a wait that has not returned counts as hung
     */
    record Timing(Duration slice, int slices, Duration deadline) {
        /** Together just under a beat of a second. */
        static Timing of(GpuConfig config) {
            return new Timing(
                    Duration.ofMillis(Math.min(450, config.interval().toMillis() * 45 / 100)), 2, config.deadline());
        }

        private long hungAfterNanos() {
            return deadline.plus(slice.multipliedBy(slices)).toNanos();
        }
    }

    /** Told on the lane. */
    interface Listener {
        void xid(XidEvent event);

        /** The driver is about to be taken off a GPU, and waits for those who hold it. */
        void driverUnbinds();
    }

    private record Registered(Device device, GpuIdentity gpu) {}

    private record Round(long beganNanos) {}

    EventWatch(
            Function<String, Lane> lanes,
            Timing timing,
            InstantSource clock,
            LongSupplier nanos,
            CallMeter meter,
            Listener listener) {
        this.lanes = lanes;
        this.timing = timing;
        this.clock = clock;
        this.nanos = nanos;
        this.meter = meter;
        this.listener = listener;
    }

    /**
     * Begins a round where none is under way.
     *
     * @param present the GPUs that answer
     */
    void callUp(Connected driver, List<GpuIdentity> present) {
        if (underWay == null) {
            hushed = false;
            underWay = new Round(nanos.getAsLong());
            laneMade().run(() -> work(driver, present));
        }
    }

    /** Whether it may be in a driver call now. */
    boolean isAsking() {
        return underWay != null;
    }

    /** Whether the driver has kept it far longer than it was asked to. */
    boolean isHung() {
        Round round = underWay;
        return round != null && nanos.getAsLong() - round.beganNanos() > timing.hungAfterNanos();
    }

    /** Empty until the first round. */
    Optional<Lane> lane() {
        return Optional.ofNullable(lane);
    }

    private Lane laneMade() {
        Lane made = lane;
        if (made == null) {
            made = lanes.apply("gpu-events");
            lane = made;
        }
        return made;
    }

    /** The call it is in. Any thread. */
    Optional<String> call() {
        MeteredNvml called = nvml;
        return isAsking() && called != null ? called.underWay() : Optional.empty();
    }

    /** The round under way begins no further wait. Any thread. */
    void hush() {
        hushed = true;
    }

    /** Gives the event sets back, before NVML is shut down. */
    void free() {
        MeteredNvml called = nvml;
        EventSet events = set;
        EventSet ofDriver = driverSet;
        if (called != null && events != null) {
            called.freeEventSet(events);
        }
        if (called != null && ofDriver != null) {
            called.freeDriverEventSet(ofDriver);
        }
        set = null;
        driverSet = null;
        generation = 0;
    }

    private void work(Connected driver, List<GpuIdentity> present) {
        try {
            if (driver.generation() != generation) {
                begin(driver);
            }
            MeteredNvml called = nvml;
            EventSet events = set;
            if (called != null && events != null) {
                register(called, events, present);
                hear(called, events);
            }
            hearOfDriver();
        } finally {
            underWay = null;
        }
    }

    /** Sets of an earlier generation died with it. */
    private void begin(Connected driver) {
        registered.clear();
        MeteredNvml called = new MeteredNvml(driver.nvml(), meter, nanos);
        nvml = called;
        set = called.createEventSet() instanceof Reading.Value<EventSet>(EventSet made) ? made : null;
        driverSet = called.createDriverEventSet() instanceof Reading.Value<EventSet>(EventSet made) ? made : null;
        generation = driver.generation();
        if (set == null) {
            log.info("this driver has no event set: XIDs are not heard of through NVML");
        }
    }

    private void register(MeteredNvml called, EventSet events, List<GpuIdentity> present) {
        Set<String> uuids = present.stream().map(GpuIdentity::uuid).collect(Collectors.toCollection(HashSet::new));
        // One that was lost and has come back has to be registered again.
        registered.keySet().retainAll(uuids);
        for (GpuIdentity gpu : present) {
            if (!registered.containsKey(gpu.uuid())
                    && called.deviceByUuid(gpu.uuid()) instanceof Reading.Value<Device>(Device device)) {
                registered.put(gpu.uuid(), new Registered(device, gpu));
                long supported = called.supportedEvents(device) instanceof Reading.Value<Long>(Long mask) ? mask : 0;
                if ((supported & NvmlEvents.XID_CRITICAL) != 0) {
                    called.registerEvents(device, NvmlEvents.XID_CRITICAL, events);
                }
            }
        }
    }

    private void hear(MeteredNvml called, EventSet events) {
        int heard = 0;
        for (int slice = 0; slice < timing.slices() && !hushed; slice++) {
            Reading<Event> answer = called.awaitEvent(events, timing.slice());
            while (answer instanceof Reading.Value<Event>(Event event)) {
                tell(called, event);
                if (++heard == MOST_EVENTS || hushed) {
                    return;
                }
                answer = called.awaitEvent(events, Duration.ZERO);
            }
            if (!(answer instanceof Reading.Stale<Event>)) {
                return;
            }
        }
    }

    private void tell(MeteredNvml called, Event event) {
        if (event.type() != NvmlEvents.XID_CRITICAL) {
            return;
        }
        Instant at = clock.instant();
        Optional<GpuIdentity> gpu = registered.values().stream()
                .filter(known -> known.device().equals(event.device()))
                .map(Registered::gpu)
                .findFirst()
                .or(() -> byUuid(called, event.device()));
        gpu.ifPresentOrElse(
                found -> listener.xid(
                        new XidEvent(found, at, (int) event.data(), event.gpuInstance(), XidEvent.Origin.NVML)),
                () -> log.warn("XID {} of a GPU that is not known: {}", event.data(), event.device()));
    }

    private Optional<GpuIdentity> byUuid(MeteredNvml called, Device device) {
        return called.uuid(device) instanceof Reading.Value<String>(String uuid) && registered.containsKey(uuid)
                ? Optional.of(registered.get(uuid).gpu())
                : Optional.empty();
    }

    private void hearOfDriver() {
        MeteredNvml called = nvml;
        EventSet ofDriver = driverSet;
        if (called == null || ofDriver == null) {
            return;
        }
        if (called.pollDriverEvent(ofDriver) instanceof Reading.Value<DriverEvent>(DriverEvent event)
                && event == DriverEvent.UNBIND) {
            listener.driverUnbinds();
        }
    }
}
