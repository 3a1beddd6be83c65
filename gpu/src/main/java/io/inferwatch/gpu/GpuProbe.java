package io.inferwatch.gpu;

import io.inferwatch.gpu.DriverLink.State.Absent;
import io.inferwatch.gpu.DriverLink.State.Connected;
import io.inferwatch.gpu.GpuConfig.Enabled;
import io.inferwatch.gpu.RollCall.Attendance;
import io.inferwatch.gpu.host.ProcFs;
import io.inferwatch.gpu.host.ServerFinder;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Watches the GPUs of this host: polls each once an interval and hands every poll on. A lost GPU, a hung driver call, a
 * driver that is reloaded, comes late or never comes are all told as data; nothing of it throws, and nothing of it
 * needs a restart.
 *
 * <p>Threads: {@code gpu-<n>} ask one GPU each, {@code gpu-events} waits for XIDs, {@code gpu-kernel-log} for those in the kernel log, {@code gpu-driver} connects to the driver, {@code gpu-watch} keeps the
 * beat and the deadlines and calls nothing that can hang. All are daemons.
 */
public final class GpuProbe {
    private static final Duration END_PATIENCE = Duration.ofSeconds(1);

    /** Long enough for an unbind to finish; then the GPUs that are left are read again. */
    private static final Duration UNBIND_PAUSE = Duration.ofMinutes(1);

    /** Which part of a round's deadline one GPU may wait for the others to leave GPM. */
    private static final int GPM_SHARE_OF_DEADLINE = 10;

    private final GpuConfig config;
    private final InstantSource clock;
    private final LongSupplier nanos;
    private final ProcFs proc;
    private final Assignments assignments;
    private final FleetDesk desk;
    private final DeskTaker taker = new DeskTaker();
    private final EventWatch events;
    private final KernelWatch kernel;
    private final Function<String, Lane> lanes;
    private final CallMeter meter = new CallMeter();
    private final List<GpuThread> threads = new CopyOnWriteArrayList<>();
    private final DriverContact driver;
    private final Beat beat;
    private final Bursts bursts;
    private final GpmGate gpmGate;

    private final CountDownLatch heard = new CountDownLatch(1);
    private final DriverLeave leave = new DriverLeave();

    /** A probe that remembers nothing over a restart. */
    public GpuProbe(GpuConfig config, Nvml.Opener opener, InstantSource clock, LongSupplier nanos, GpuSink sink) {
        this(config, opener, clock, nanos, sink, FleetMemory.NONE);
    }

    /**
     * @param opener the library, for example {@code JnaNvml.opener(config.library())}
     * @param nanos a monotonic clock, for durations
     * @param sink takes every poll and every XID
     * @param memory where {@code gpu.expected: auto} keeps what it has learned
     */
    public GpuProbe(
            GpuConfig config,
            Nvml.Opener opener,
            InstantSource clock,
            LongSupplier nanos,
            GpuSink sink,
            FleetMemory memory) {
        this(config, opener, clock, nanos, sink, memory, Lane.OfThread::new, EventWatch.Timing.of(config));
    }

    GpuProbe(
            GpuConfig config,
            Nvml.Opener opener,
            InstantSource clock,
            LongSupplier nanos,
            GpuSink sink,
            FleetMemory memory,
            Function<String, Lane> lanes,
            EventWatch.Timing eventTiming) {
        this.config = config;
        this.clock = clock;
        this.nanos = nanos;
        this.proc = new ProcFs(config.procRoot());
        FlightRecorder recorder = new FlightRecorder(sink);
        this.assignments = new Assignments(config.servers(), new ServerFinder(proc, nanos));
        this.desk = new FleetDesk(config.expected(), recorder, memory, assignments);
        this.lanes = lanes;
        this.gpmGate = new GpmGate(config.deadline().dividedBy(GPM_SHARE_OF_DEADLINE));
        this.beat = new Beat(config.interval(), clock);
        this.driver = new DriverContact(
                new DriverLink(opener, meter, gpmGate, nanos),
                new DriverLane(lanes, nanos, config.deadline(), beat::hurry),
                nanos,
                config,
                new DriverHost());
        this.bursts = new Bursts(config.interval(), clock, nanos, beat::every, recorder);
        this.kernel = new KernelWatch(config.kernelLog(), proc, nanos, desk);
        this.events = new EventWatch(lanes, eventTiming, clock, nanos, meter, new EventListener());
    }

    /** Begins to poll. Returns at once, whatever the driver does. */
    public void start() {
        if (config.enabled() == Enabled.FALSE) {
            driver.absent("switched off by gpu.enabled: false");
            heard.countDown();
            return;
        }
        beat.start("gpu-watch", this::tick);
        kernel.start();
    }

    /**
     * Ends within about two seconds. A thread that the driver holds is left behind, and NVML is then not shut down
     * under it. No poll is handed on afterwards.
     */
    public void stop() {
        beat.stop(END_PATIENCE);
        desk.close();
        events.hush();
        List<Lane> all = Stream.concat(threads.stream().map(GpuThread::lane), events.lane().stream())
                .toList();
        all.forEach(Lane::end);
        long until = nanos.getAsLong() + END_PATIENCE.toNanos();
        boolean quiet = true;
        for (Lane lane : all) {
            quiet &= lane.awaitEnd(Duration.ofNanos(Math.max(1, until - nanos.getAsLong())));
        }
        driver.end(quiet, END_PATIENCE);
    }

    /**
     * Waits until the driver has said that there is nothing to read, or every GPU has spoken once: for a line that
     * tells at start-up how many there are.
     *
     * @return whether it was so in time
     */
    public boolean awaitFirstWord(Duration atMost) {
        try {
            return heard.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** What is known now. Any thread. */
    public GpuFleet fleet() {
        Optional<String> hung = driver.hung().map(Diagnosis::reason);
        return switch (driver.state()) {
            case Absent(String reason) ->
                new GpuFleet(Optional.empty(), driver.generation(), desk.gpus(), hung.or(() -> Optional.of(reason)));
            case Connected connected ->
                new GpuFleet(connected.driverVersion(), connected.generation(), desk.gpus(), hung);
        };
    }

    /**
     * Lets go of the driver, so that it can be unbound, upgraded or reset: NVML is shut down and unloaded, and not
     * asked again before the time is over. GPUs are not called lost meanwhile. Any thread.
     *
     * @param time 0: take it up again now
     * @return completed when nothing is held any more; while a driver call hangs it is not
     */
    public CompletableFuture<Void> release(Duration time) {
        return leaveDriver(time, "released on request").done();
    }

    private DriverLeave.Wanted leaveDriver(Duration time, String why) {
        DriverLeave.Wanted wanted = leave.ask(clock.instant(), time, why);
        if (config.enabled() == Enabled.FALSE) {
            wanted.done().complete(null);
        }
        events.hush();
        beat.hurry();
        return wanted;
    }

    /** Whether this GPU is read, or missed: seen once, here or before a restart, and not accepted to be gone. Any thread. */
    public boolean knows(String uuid) {
        return desk.knows(uuid);
    }

    /** The driver call that a release waits for; empty while none is under way. Any thread. */
    public Optional<String> callUnderWay() {
        return Stream.concat(threads.stream().flatMap(thread -> thread.call().stream()), events.call().stream())
                .findFirst();
    }

    /**
     * Makes the GPUs that answer now the expected ones: the others are struck out and missed no more.
     *
     * @return those struck out
     * @throws IllegalStateException when the configuration says which are expected
     */
    public List<GpuIdentity> accept() {
        return desk.accept();
    }

    /**
     * Reads five times a second for ten seconds and keeps what it brings as a flight record. At most a twentieth of the
     * time is spent so: asked sooner, the record says that it was not taken; asked within a burst, it has what is left of
     * it. Any thread; returns at once.
     *
     * @param id of the record, for {@link #flightRecord}
     * @param which GPUs go into it
     */
    public void burst(String id, Predicate<GpuIdentity> which) {
        bursts.ask(id, which);
    }

    /**
     * From now on these are the model servers that use the GPUs. Any thread.
     *
     * @throws IllegalArgumentException when two have one name, or one GPU is listed for two; nothing changes then
     */
    public void serve(List<ServedGpus> servers) {
        assignments.serve(servers);
    }

    /** One of the newest sixteen records, running or done. Any thread. */
    public Optional<FlightRecord> flightRecord(String id) {
        return bursts.record(id);
    }

    /** The ids of the records there are. Any thread. */
    public Set<String> flightRecords() {
        return bursts.ids();
    }

    /** What it has cost so far. Any thread. */
    public GpuStats stats() {
        int hungCalls = (int) threads.stream().filter(GpuThread::isHung).count() + (events.isHung() ? 1 : 0);
        long skipped = threads.stream().mapToLong(GpuThread::skippedRounds).sum();
        long paced = threads.stream().mapToLong(GpuThread::pacedRounds).sum();
        return meter.stats(
                new GpuStats.Polls(skipped, paced, desk.sinkFailures()),
                hungCalls + (driver.hung().isPresent() ? 1 : 0),
                nanos.getAsLong());
    }

    /** One beat: connects where that is due, else calls every GPU up, and tells of those that are missing. */
    void tick() {
        bursts.step();
        Instant at = clock.instant();
        Optional<DriverLeave.Wanted> wanted = leave.inForce(at, driver::succeeded);
        if (wanted.isPresent()) {
            driver.letGo(wanted.get(), this::isIdle);
            return;
        }
        if (driver.state() instanceof Absent && driver.mayConnect()) {
            connect();
        }
        if (driver.isConnecting()) {
            driver.hung().ifPresent(hung -> tellMissing(at, List.of(), hung, hung));
            return;
        }
        switch (driver.state()) {
            case Absent(String reason) ->
                tellMissing(at, List.of(), Diagnosis.noDriver(reason), Diagnosis.noDriver(reason));
            case Connected connected -> ask(connected, at);
        }
        kernel.tell(at);
    }

    private boolean isIdle() {
        return !events.isAsking() && threads.stream().noneMatch(GpuThread::isAsking);
    }

    private void ask(Connected connected, Instant at) {
        List<GpuThread> counted = threadsFor(connected.gpus());
        Prospect prospect = Prospect.of(counted, connected.generation());
        if (prospect == Prospect.GOOD) {
            driver.succeeded();
        }
        boolean anew = (prospect == Prospect.ALL_LOST || prospect == Prospect.DRIVER_GONE) && driver.mayConnect();
        boolean eventsReturnSoon = events.isAsking() && !events.isHung();
        if (anew && !eventsReturnSoon && counted.stream().noneMatch(thread -> thread.isAsking() && !thread.isHung())) {
            connect();
            return;
        }
        boolean mayAsk = prospect != Prospect.DRIVER_GONE && !anew;
        List<Attendance> attendances = counted.stream()
                .map(thread -> mayAsk ? thread.callUp(connected, at, taker) : thread.standDown(connected.generation()))
                .toList();
        tellMissing(at, attendances, Diagnosis.vanished(), Diagnosis.neverSeen());
        if (mayAsk) {
            events.callUp(connected, present(counted, connected.generation()));
        }
        driver.recount(connected);
    }

    private static List<GpuIdentity> present(List<GpuThread> threads, int generation) {
        return threads.stream()
                .map(GpuThread::report)
                .filter(report -> report.generation() == generation && report.isReachable())
                .flatMap(report -> Optional.ofNullable(report.gpu()).stream())
                .toList();
    }

    private List<GpuThread> threadsFor(int gpus) {
        while (threads.size() < gpus) {
            int index = threads.size();
            threads.add(new GpuThread(index, lanes.apply("gpu-" + index), config, gpmGate, nanos, meter, proc));
        }
        return threads.subList(0, gpus);
    }

    private void connect() {
        driver.connect(threads.stream().anyMatch(GpuThread::isAsking) || events.isAsking());
    }

    private void tellMissing(Instant at, List<Attendance> attendances, Diagnosis unclaimed, Diagnosis unseen) {
        desk.tellMissing(driver.generation(), at, attendances, unclaimed, unseen);
        noteHeard();
    }

    /** On {@code gpu-<n>}. */
    private final class DeskTaker implements GpuThread.Taker {
        @Override
        public void take(
                GpuIdentity gpu, int generation, Instant at, Diagnosis diagnosis, List<FieldReading> readings) {
            desk.take(gpu, generation, at, diagnosis, readings);
            noteHeard();
        }

        @Override
        public void occupied(GpuIdentity gpu, Instant at, Occupancy occupancy) {
            desk.occupied(gpu, at, occupancy);
        }
    }

    /** On {@code gpu-events}. */
    private final class EventListener implements EventWatch.Listener {
        @Override
        public void xid(XidEvent event) {
            kernel.byNvml(event);
            desk.take(event);
        }

        @Override
        public void driverUnbinds() {
            leaveDriver(UNBIND_PAUSE, "released because the driver is being unbound,");
        }
    }

    /** What of this probe its contact with the driver needs. */
    private final class DriverHost implements DriverContact.Host {
        @Override
        public boolean expectsGpus() {
            return config.enabled() == Enabled.TRUE || desk.knowsAny();
        }

        @Override
        public void freeEvents() {
            events.free();
        }

        @Override
        public void heard() {
            noteHeard();
        }
    }

    private void noteHeard() {
        boolean complete = switch (driver.state()) {
            case Absent absent -> driver.wasTried();
            case Connected connected -> desk.size() >= connected.gpus();
        };
        if (heard.getCount() > 0 && complete) {
            heard.countDown();
        }
    }
}
