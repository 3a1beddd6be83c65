package io.inferwatch.gpu;

import io.inferwatch.gpu.GpuFleet.Gpu;
import io.inferwatch.gpu.GpuFleet.Latest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The last word on every GPU seen or expected, by UUID. Says each change of state once, in the log. Any thread. */
final class FleetBook {
    private static final Logger log = LoggerFactory.getLogger(GpuProbe.class);
    private final Map<String, Gpu> gpus = new HashMap<>();

    /** Seen before a restart, and not since. */
    private final Map<String, GpuIdentity> recalled = new LinkedHashMap<>();

    synchronized void recall(List<GpuIdentity> before) {
        before.forEach(gpu -> recalled.put(gpu.uuid(), gpu));
    }

    synchronized void strikeOut(String uuid) {
        gpus.remove(uuid);
        recalled.remove(uuid);
    }

    /** Takes down what was found, and gives it the time since when it holds. */
    synchronized GpuPoll enter(
            GpuIdentity gpu,
            Optional<String> server,
            int generation,
            Instant at,
            Diagnosis diagnosis,
            List<FieldReading> readings) {
        Gpu before = gpus.get(gpu.uuid());
        GpuVerdict verdict = verdict(before, diagnosis, at);
        recalled.remove(gpu.uuid());
        gpus.put(
                gpu.uuid(),
                new Gpu(gpu, server, verdict, latest(before, readings, at), List.of(), Occupancy.UNKNOWN, at));
        if (before == null || before.verdict().state() != verdict.state()) {
            say(gpu, verdict);
        }
        return new GpuPoll(gpu, server, generation, at, verdict, readings);
    }

    /** Every GPU seen, told missing, or recalled. */
    synchronized List<GpuIdentity> known() {
        return Stream.concat(gpus.values().stream().map(Gpu::identity), recalled.values().stream())
                .toList();
    }

    /** Whether it was seen, or is missed, and nobody has struck it out. */
    synchronized boolean knows(String uuid) {
        return gpus.containsKey(uuid) || recalled.containsKey(uuid);
    }

    /** How many have been told of. */
    synchronized int size() {
        return gpus.size();
    }

    /** Strikes out those that merely stood for a GPU whose UUID was unknown, but for these. */
    synchronized void keepStandIns(Set<String> uuids) {
        gpus.keySet().removeIf(uuid -> RollCall.isStandIn(uuid) && !uuids.contains(uuid));
    }

    synchronized List<Gpu> gpus() {
        List<Gpu> all = new ArrayList<>(gpus.values());
        all.sort(Comparator.comparingInt((Gpu gpu) -> gpu.identity().index())
                .thenComparing(gpu -> gpu.identity().uuid()));
        return all;
    }

    private static GpuVerdict verdict(@Nullable Gpu before, Diagnosis diagnosis, Instant at) {
        Instant since = before != null && before.verdict().state() == diagnosis.state()
                ? before.verdict().since()
                : at;
        return new GpuVerdict(diagnosis.state(), diagnosis.reason(), diagnosis.action(), diagnosis.evidence(), since);
    }

    /** The readings of now, and those of before of what was not read now; an instance that is gone tells nothing more. */
    private static List<Latest> latest(@Nullable Gpu before, List<FieldReading> readings, Instant at) {
        List<Latest> latest = new ArrayList<>(readings.size());
        Map<FieldReading.Subject, Latest> known = new LinkedHashMap<>();
        if (before != null) {
            before.readings().forEach(last -> known.put(last.reading().subject(), last));
        }
        for (FieldReading reading : readings) {
            Latest last = known.remove(reading.subject());
            latest.add(new Latest(reading, last != null && isStale(reading) ? last.at() : at));
        }
        known.values().stream().filter(last -> !last.reading().isOfInstance()).forEach(latest::add);
        return latest;
    }

    private static boolean isStale(FieldReading reading) {
        return reading.reading() instanceof Reading.Stale<?>;
    }

    private static void say(GpuIdentity gpu, GpuVerdict verdict) {
        switch (verdict.state()) {
            case HEALTHY -> log.info("GPU {} ({}, {}) is healthy", gpu.index(), gpu.uuid(), gpu.name());
            case DEGRADED, FAILING, LOST, DRIVER_UNRESPONSIVE ->
                log.warn(
                        "GPU {} ({}, {}) is {}: {}. To do: {}",
                        gpu.index(),
                        gpu.uuid(),
                        gpu.name(),
                        verdict.state().name().toLowerCase(java.util.Locale.ROOT),
                        verdict.reason(),
                        verdict.action());
        }
    }
}
