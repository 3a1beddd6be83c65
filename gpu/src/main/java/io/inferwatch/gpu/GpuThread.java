package io.inferwatch.gpu;

import io.inferwatch.gpu.RollCall.Attendance;
import io.inferwatch.gpu.host.ProcFs;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Asks the GPU at one index, on a lane of its own. Its methods belong to the watch, which makes no call that can hang;
 * between watch and lane stand one volatile report and the round under way.
 */
final class GpuThread {
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    private final int index;
    private final Lane lane;
    private final GpuConfig config;
    private final Duration deadline;
    private final GpmGate gpmGate;
    private final LongSupplier nanos;
    private final CallMeter meter;
    private final Backoff findAgain;
    private final Pace pace;

    private final ProcFs proc;
    private @Nullable GpuSession session;
    private @Nullable OccupancyReader occupancyReader;
    private volatile @Nullable MeteredNvml nvml;
    private volatile Report report = Report.NONE;
    private volatile @Nullable Round underWay;
    private final AtomicLong skippedRounds = new AtomicLong();
    private final AtomicLong pacedRounds = new AtomicLong();

    GpuThread(
            int index, Lane lane, GpuConfig config, GpmGate gpmGate, LongSupplier nanos, CallMeter meter, ProcFs proc) {
        this.proc = proc;
        this.index = index;
        this.lane = lane;
        this.config = config;
        this.gpmGate = gpmGate;
        this.deadline = config.deadline();
        this.nanos = nanos;
        this.meter = meter;
        this.findAgain = new Backoff(config.interval(), LONGEST_PAUSE);
        this.pace = new Pace(config.deadline());
    }

    /**
     * What the last finished round said.
     *
     * @param generation 0: no round has finished
     * @param gpu null until the GPU has told who it is in this generation
     */
    record Report(int generation, @Nullable GpuIdentity gpu, Standing standing) {
        private static final Report NONE = new Report(0, null, new Standing.Answering(Optional.empty()));

        /** It is there and lets itself be asked. */
        boolean isReachable() {
            return switch (standing) {
                case Standing.Answering answering -> true;
                case Standing.Forbidden forbidden -> gpu != null;
                case Standing.Lost lost -> false;
                case Standing.DriverGone gone -> false;
            };
        }
    }

    /** Takes what a round brought, on the lane. */
    interface Taker {
        void take(GpuIdentity gpu, int generation, Instant at, Diagnosis diagnosis, List<FieldReading> readings);

        /** Told before the round that found it. */
        void occupied(GpuIdentity gpu, Instant at, Occupancy occupancy);
    }

    /** A round under way: questions to the driver first, then what came of them is told. */
    private static final class Round {
        private final long beganNanos;
        private volatile boolean answered;
        private volatile boolean tooLate;

        private Round(long beganNanos) {
            this.beganNanos = beganNanos;
        }
    }

    /** Whether the driver has kept this thread past the deadline. From then on, what it may yet say is too late. */
    boolean isHung() {
        Round round = underWay;
        if (round == null || round.answered || nanos.getAsLong() - round.beganNanos < deadline.toNanos()) {
            return false;
        }
        round.tooLate = true;
        gpmGate.abandon(this);
        return true;
    }

    /** Whether it may be in a driver call now. */
    boolean isAsking() {
        Round round = underWay;
        return round != null && !round.answered;
    }

    /** The call it is in. Any thread. */
    Optional<String> call() {
        MeteredNvml called = nvml;
        return isAsking() && called != null ? called.underWay() : Optional.empty();
    }

    Report report() {
        return report;
    }

    /** Rounds not begun because the one before was under way. Any thread. */
    long skippedRounds() {
        return skippedRounds.get();
    }

    /** Rounds not begun because the driver is slow. Any thread. */
    long pacedRounds() {
        return pacedRounds.get();
    }

    Lane lane() {
        return lane;
    }

    /**
     * Begins a round where one is due, and says who answers for the GPU meanwhile: the round itself, or the roll call.
     */
    Attendance callUp(DriverLink.State.Connected driver, Instant at, Taker taker) {
        if (isHung()) {
            skippedRounds.incrementAndGet();
            return hung();
        }
        Report last = report;
        boolean current = last.generation() == driver.generation();
        boolean asked = underWay != null;
        if (asked) {
            skippedRounds.incrementAndGet();
        } else if (current && pace.mustWait(nanos.getAsLong())) {
            pacedRounds.incrementAndGet();
        } else if (!current || last.isReachable() || findAgain.isDue(nanos.getAsLong())) {
            begin(driver, at, taker);
            asked = true;
        }
        return current ? attendance(last, asked) : new Attendance.Unsettled(index);
    }

    /** Who answers while nothing is asked because the driver is gone. */
    Attendance standDown(int generation) {
        if (isHung()) {
            return hung();
        }
        Report last = report;
        return last.generation() == generation ? attendance(last, underWay != null) : new Attendance.Unsettled(index);
    }

    private Attendance hung() {
        MeteredNvml called = nvml;
        String symbol = called == null ? "NVML" : called.underWay().orElse("NVML");
        return absent(report.gpu(), Diagnosis.unresponsive(symbol, deadline));
    }

    private Attendance attendance(Report last, boolean asked) {
        GpuIdentity gpu = last.gpu();
        if (gpu != null && (asked || last.isReachable())) {
            return new Attendance.Present(gpu);
        }
        if (gpu == null && last.standing() instanceof Standing.Forbidden) {
            return new Attendance.NotOurs(index);
        }
        if (gpu == null && asked) {
            return new Attendance.Unsettled(index);
        }
        return absent(gpu, Diagnosis.of(last.standing()));
    }

    private Attendance absent(@Nullable GpuIdentity gpu, Diagnosis diagnosis) {
        return gpu == null ? new Attendance.Nameless(index, diagnosis) : new Attendance.Absent(gpu, diagnosis);
    }

    private void begin(DriverLink.State.Connected driver, Instant at, Taker taker) {
        Round round = new Round(nanos.getAsLong());
        underWay = round;
        lane.run(() -> work(round, driver, at, taker));
    }

    private void work(Round round, DriverLink.State.Connected driver, Instant at, Taker taker) {
        try {
            GpuSession.Visit visit = visit(round, driver);
            Optional<Occupancy> occupancy = occupancy(visit, round);
            round.answered = true;
            pace.finished(round.beganNanos, nanos.getAsLong());
            GpuIdentity gpu = visit.gpu();
            if (gpu != null && !round.tooLate) {
                occupancy.ifPresent(found -> taker.occupied(gpu, at, found));
                taker.take(gpu, driver.generation(), at, Diagnosis.of(visit.standing()), withUp(visit));
            }
        } finally {
            underWay = null;
        }
    }

    private GpuSession.Visit visit(Round round, DriverLink.State.Connected driver) {
        GpuSession current = session;
        MeteredNvml metered = nvml;
        if (current == null || metered == null || report.generation() != driver.generation()) {
            metered = new MeteredNvml(driver.nvml(), meter, nanos);
            nvml = metered;
            current = new GpuSession(metered, index, config, new GpmWindow.Access(gpmGate, this), nanos);
            session = current;
            occupancyReader = new OccupancyReader(proc);
        }
        metered.begin(() -> round.tooLate);
        GpuSession.Visit visit = current.visit(meter::garbage);
        if (!round.tooLate) {
            note(new Report(driver.generation(), visit.gpu(), visit.standing()));
        }
        return visit;
    }

    private Optional<Occupancy> occupancy(GpuSession.Visit visit, Round round) {
        GpuSession asked = session;
        MeteredNvml called = nvml;
        OccupancyReader reader = occupancyReader;
        boolean mayAsk = visit.standing() instanceof Standing.Answering && !round.tooLate;
        if (!mayAsk || asked == null || called == null || reader == null) {
            return Optional.empty();
        }
        Optional<Occupancy> found = asked.device().flatMap(device -> reader.read(called, device, nanos.getAsLong()));
        found.ifPresent(divided -> asked.divided(divided.instances()));
        return found;
    }

    private void note(Report now) {
        if (now.isReachable()) {
            findAgain.succeeded();
        } else {
            findAgain.tried(nanos.getAsLong());
        }
        report = now;
    }

    private static List<FieldReading> withUp(GpuSession.Visit visit) {
        return Stream.concat(Stream.of(GpuFields.up(visit.standing())), visit.readings().stream())
                .toList();
    }
}
