package io.inferwatch.gpu;

import io.inferwatch.gpu.GpuVerdict.State;
import io.inferwatch.gpu.RollCall.Absence;
import io.inferwatch.gpu.RollCall.Attendance;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is known of every GPU, and the one place from which it is told on. Any thread. */
final class FleetDesk {
    private static final Logger log = LoggerFactory.getLogger(GpuProbe.class);

    private final GpuConfig.Expected expected;
    private final GpuSink sink;
    private final Roster roster;
    private final FleetBook book = new FleetBook();
    private final Ward ward = new Ward();
    private final Assignments assignments;
    private final Map<String, Occupancy> occupancies = new ConcurrentHashMap<>();
    private final AtomicLong sinkFailures = new AtomicLong();
    private volatile boolean closed;

    FleetDesk(GpuConfig.Expected expected, GpuSink sink, FleetMemory memory, Assignments assignments) {
        this.assignments = assignments;
        this.expected = expected;
        this.sink = sink;
        this.roster = new Roster(expected, memory);
        book.recall(roster.recall());
    }

    /** What a round brought of a GPU, or that there was none. */
    void take(GpuIdentity gpu, int generation, Instant at, Diagnosis diagnosis, List<FieldReading> readings) {
        Diagnosis found = ward.examine(gpu, generation, at, diagnosis, readings);
        boolean answers = found.state() != State.LOST && found.state() != State.DRIVER_UNRESPONSIVE;
        if (closed || (!answers && roster.isDismissed(gpu.uuid()))) {
            return;
        }
        GpuPoll poll = book.enter(gpu, assignments.serverOf(gpu, at, answers), generation, at, found, readings);
        if (answers) {
            roster.answered(gpu);
        }
        tell(() -> sink.poll(poll));
    }

    void occupied(GpuIdentity gpu, Instant at, Occupancy occupancy) {
        occupancies.put(gpu.uuid(), occupancy);
        if (occupancy.processes() instanceof Reading.Value<List<GpuProcess>>(List<GpuProcess> processes)) {
            assignments.note(gpu, at, processes);
        }
    }

    /** @see RollCall#absent */
    void tellMissing(int generation, Instant at, List<Attendance> attendances, Diagnosis unclaimed, Diagnosis unseen) {
        List<Absence> absences = RollCall.absent(expected, book.known(), attendances, unclaimed, unseen);
        if (attendances.stream().noneMatch(Attendance.Unsettled.class::isInstance)) {
            book.keepStandIns(
                    absences.stream().map(absence -> absence.gpu().uuid()).collect(Collectors.toSet()));
        }
        for (Absence absence : absences) {
            take(absence.gpu(), generation, at, absence.diagnosis(), GpuFields.down());
        }
    }

    void take(XidEvent event) {
        if (closed) {
            return;
        }
        ward.note(event);
        log.warn(
                "GPU {} ({}): XID {} ({}). To do: {}",
                event.gpu().index(),
                event.gpu().uuid(),
                event.xid(),
                event.entry().meaning(),
                event.entry().remedy().action());
        XidEvent known = event.of(assignments.serverOf(event.gpu(), event.at(), true));
        tell(() -> sink.xid(known));
    }

    /** @see GpuProbe#accept */
    List<GpuIdentity> accept() {
        if (!(expected instanceof GpuConfig.Expected.Auto)) {
            throw new IllegalStateException(
                    "gpu.expected in the configuration says which GPUs are expected; change it there, or set it to auto");
        }
        Map<Boolean, List<GpuIdentity>> byPresence = book.gpus().stream()
                .collect(Collectors.partitioningBy(
                        GpuFleet.Gpu::isPresent, Collectors.mapping(GpuFleet.Gpu::identity, Collectors.toList())));
        List<GpuIdentity> absent = byPresence.getOrDefault(false, List.of());
        roster.accept(byPresence.getOrDefault(true, List.of()), absent);
        absent.forEach(gpu -> {
            book.strikeOut(gpu.uuid());
            ward.discharge(gpu.uuid());
            occupancies.remove(gpu.uuid());
            log.info("GPU {} ({}, {}) is no longer expected", gpu.index(), gpu.uuid(), gpu.name());
        });
        return absent;
    }

    List<GpuFleet.Gpu> gpus() {
        return book.gpus().stream()
                .map(gpu -> gpu.with(
                        ward.events(gpu.identity().uuid()),
                        occupancies.getOrDefault(gpu.identity().uuid(), Occupancy.UNKNOWN)))
                .toList();
    }

    /** @see GpuProbe#knows */
    boolean knows(String uuid) {
        return book.knows(uuid);
    }

    /** How many GPUs have been told of. */
    int size() {
        return book.size();
    }

    /** Whether there is a GPU to be missed. */
    boolean knowsAny() {
        return !book.known().isEmpty();
    }

    /** What the sink threw at. */
    long sinkFailures() {
        return sinkFailures.get();
    }

    /** Nothing is told from here on. */
    void close() {
        closed = true;
    }

    private void tell(Runnable telling) {
        try {
            telling.run();
        } catch (RuntimeException refused) {
            if (sinkFailures.getAndIncrement() == 0) {
                log.error("what GPUs say is not taken; counted from here on", refused);
            }
        }
    }
}
