package io.inferwatch.gpu;

import io.inferwatch.gpu.jna.JnaNvml;
import io.inferwatch.gpu.testing.ScriptedNvml;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A probe with a hand-driven clock, whose beats are given by the test. */
final class ProbeBench {
    static final Instant START = Instant.parse("2026-11-20T12:00:00Z");
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    /** Of a second each: longer than any pause of the probe before it tries again. */
    private static final int MOST_BEATS = 200;

    private final AtomicLong nanos = new AtomicLong();
    /** The driver is asked for events and not waited for: what is scripted is there already. */
    static final EventWatch.Timing NO_WAIT =
            new EventWatch.Timing(Duration.ZERO, 1, GpuConfig.defaults().deadline());

    private final List<XidEvent> xids = new CopyOnWriteArrayList<>();
    private final LinkedBlockingQueue<GpuPoll> polls = new LinkedBlockingQueue<>();
    private final GpuConfig config;
    private final GpuProbe probe;
    private final IntSupplier hangingCalls;
    private final AtomicInteger tasksUnderWay = new AtomicInteger();

    private ProbeBench(
            GpuConfig config,
            Function<InstantSource, Nvml.Opener> opener,
            Function<String, Lane> laneKind,
            IntSupplier hangingCalls,
            FleetMemory memory) {
        this.config = config;
        this.hangingCalls = hangingCalls;
        Function<String, Lane> lanes = name -> new CountingLane(laneKind.apply(name), tasksUnderWay);
        InstantSource clock = () -> START.plusNanos(nanos.get());
        this.probe = new GpuProbe(config, opener.apply(clock), clock, nanos::get, new Taker(), memory, lanes, NO_WAIT);
    }

    /** Everything happens within the beat, on the test's thread. */
    static ProbeBench inline(GpuConfig config, Nvml.Opener opener) {
        return inline(config, clock -> opener);
    }

    /** The same for an NVML that goes by the bench's clock. */
    static ProbeBench inline(GpuConfig config, Function<InstantSource, Nvml.Opener> opener) {
        return new ProbeBench(config, opener, name -> new InlineLane(), () -> 0, FleetMemory.NONE);
    }

    /** One that remembers its GPUs there. */
    static ProbeBench inline(GpuConfig config, Nvml.Opener opener, FleetMemory memory) {
        return new ProbeBench(config, clock -> opener, name -> new InlineLane(), () -> 0, memory);
    }

    /** The real threads of the probe, on a real C library. Time passes only when no thread has anything left to do. */
    static ProbeBench threaded(GpuConfig config, ScriptedNvml driver) {
        Nvml.Opener opener = JnaNvml.opener(driver.library().toString());
        return new ProbeBench(config, clock -> opener, Lane.OfThread::new, driver::hanging, FleetMemory.NONE);
    }

    private final class Taker implements GpuSink {
        @Override
        public void poll(GpuPoll poll) {
            polls.add(poll);
        }

        @Override
        public void xid(XidEvent event) {
            xids.add(event);
        }
    }

    /** Every XID told so far. */
    List<XidEvent> xids() {
        return List.copyOf(xids);
    }

    /** Counts what is under way on the lane it stands for. */
    private record CountingLane(Lane lane, AtomicInteger tasksUnderWay) implements Lane {
        @Override
        public void run(Runnable task) {
            tasksUnderWay.incrementAndGet();
            lane.run(() -> {
                try {
                    task.run();
                } finally {
                    tasksUnderWay.decrementAndGet();
                }
            });
        }

        @Override
        public void end() {
            lane.end();
        }

        @Override
        public boolean awaitEnd(Duration atMost) {
            return lane.awaitEnd(atMost);
        }
    }

    private static final class InlineLane implements Lane {
        @Override
        public void run(Runnable task) {
            task.run();
        }

        @Override
        public void end() {}

        @Override
        public boolean awaitEnd(Duration atMost) {
            return true;
        }
    }

    GpuProbe probe() {
        return probe;
    }

    /** A beat now, and an interval later the next may come. @return the polls it brought */
    List<GpuPoll> beat() {
        probe.tick();
        settle();
        nanos.addAndGet(config.interval().toNanos());
        List<GpuPoll> brought = new ArrayList<>();
        polls.drainTo(brought);
        return brought;
    }

    List<GpuPoll> beats(int count) {
        List<GpuPoll> brought = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            brought.addAll(beat());
        }
        return brought;
    }

    void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    /** Until every thread has done what it can: those that are left will not return before the script is replaced. */
    private void settle() {
        await("threads at rest or hung", () -> tasksUnderWay.get() == hangingCalls.getAsInt());
    }

    /** Beats until a poll is as wanted. */
    GpuPoll beatUntil(String what, Predicate<GpuPoll> wanted) {
        for (int beat = 0; beat < MOST_BEATS; beat++) {
            probe.tick();
            settle();
            nanos.addAndGet(config.interval().toNanos());
            for (GpuPoll poll = polls.poll(); poll != null; poll = polls.poll()) {
                if (wanted.test(poll)) {
                    return poll;
                }
            }
        }
        throw new AssertionError("no poll came that is " + what + "; fleet: " + probe.fleet());
    }

    /** Waits for a poll without a beat and without time passing. */
    GpuPoll awaitPoll(String what, Predicate<GpuPoll> wanted) {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < until) {
            GpuPoll poll = next(20);
            if (poll != null && wanted.test(poll)) {
                return poll;
            }
        }
        throw new AssertionError("no poll came that is " + what + "; fleet: " + probe.fleet());
    }

    private @Nullable GpuPoll next(long millis) {
        try {
            return polls.poll(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError(interrupted);
        }
    }

    /** Waits, within bounds, without touching the clock of the probe. */
    static void await(String what, BooleanSupplier condition) {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > until) {
                throw new AssertionError("did not come about: " + what);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    static Reading<Samples> reading(GpuPoll poll, String metric) {
        return poll.readings().stream()
                .filter(reading -> reading.field().metric().equals(metric))
                .map(FieldReading::reading)
                .findFirst()
                .orElseThrow(() -> new AssertionError(metric + " is not in " + poll));
    }

    /** The reading of one part of a metric: of one reason, kind or direction. */
    static Reading<Samples> reading(GpuPoll poll, String metric, String part) {
        return poll.readings().stream()
                .filter(reading -> reading.field().metric().equals(metric)
                        && reading.part().containsValue(part))
                .map(FieldReading::reading)
                .findFirst()
                .orElseThrow(() -> new AssertionError(metric + " of " + part + " is not in " + poll));
    }

    static double value(GpuPoll poll, String metric, String part) {
        if (reading(poll, metric, part) instanceof Reading.Value<Samples>(Samples samples)) {
            return samples.last();
        }
        throw new AssertionError(metric + " of " + part + " has no value in " + poll);
    }

    static double value(GpuPoll poll, String metric) {
        if (reading(poll, metric) instanceof Reading.Value<Samples>(Samples samples)) {
            return samples.last();
        }
        throw new AssertionError(metric + " has no value in " + poll);
    }
}
