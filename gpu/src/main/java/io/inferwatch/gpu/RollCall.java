package io.inferwatch.gpu;

import io.inferwatch.gpu.GpuConfig.Expected;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Who is missing: GPUs that do not answer for themselves in this round, among all that were ever seen and all that are
 * expected. Pure; made for one round.
 */
final class RollCall {
    private static final String STAND_IN = "unknown-";
    private static final String NO_NAME = "unknown";

    private final Map<String, GpuIdentity> known = new LinkedHashMap<>();
    private final Map<String, Absence> absences = new LinkedHashMap<>();
    private final Set<String> accounted = new HashSet<>();
    private final Set<Integer> takenIndexes = new HashSet<>();

    private RollCall() {}

    /** What one GPU thread can say in this round. */
    sealed interface Attendance {
        /** This GPU is being asked, and answers for itself. */
        record Present(GpuIdentity gpu) implements Attendance {}

        /** This GPU is not being asked, for this reason. */
        record Absent(GpuIdentity gpu, Diagnosis diagnosis) implements Attendance {}

        /** The GPU at this index does not even tell who it is. */
        record Nameless(int index, Diagnosis diagnosis) implements Attendance {}

        /** The GPU at this index is being asked who it is. */
        record Unsettled(int index) implements Attendance {}

        /** The GPU at this index is not ours to open. */
        record NotOurs(int index) implements Attendance {}
    }

    /** A GPU that is not there, and why. */
    record Absence(GpuIdentity gpu, Diagnosis diagnosis) {}

    /** Whether this is the name of a GPU that has not told its UUID. */
    static boolean isStandIn(String uuid) {
        return uuid.startsWith(STAND_IN);
    }

    /**
     * @param seen every GPU seen or told missing before
     * @param unclaimed why a GPU that was seen once is missing
     * @param unseen why a GPU that was never seen is missing
     */
    static List<Absence> absent(
            Expected expected,
            List<GpuIdentity> seen,
            List<Attendance> attendances,
            Diagnosis unclaimed,
            Diagnosis unseen) {
        RollCall call = new RollCall();
        seen.stream().filter(RollCall::wasSeen).forEach(gpu -> call.known.put(gpu.uuid(), gpu));
        attendances.forEach(call::takeNamed);
        attendances.forEach(call::takeNameless);
        long unsettled = attendances.stream()
                .filter(Attendance.Unsettled.class::isInstance)
                .count();
        if (unsettled == 0) {
            call.known.values().forEach(gpu -> call.miss(gpu, unclaimed));
        }
        call.takeExpected(expected, unsettled, unseen);
        return List.copyOf(call.absences.values());
    }

    private void takeNamed(Attendance attendance) {
        switch (attendance) {
            case Attendance.Present(GpuIdentity gpu) -> account(gpu);
            case Attendance.Absent(GpuIdentity gpu, Diagnosis diagnosis) -> miss(gpu, diagnosis);
            case Attendance.Nameless nameless -> takenIndexes.add(nameless.index());
            case Attendance.Unsettled asked -> takenIndexes.add(asked.index());
            case Attendance.NotOurs other -> takenIndexes.add(other.index());
        }
    }

    /** A nameless GPU is the one last seen at its index, where that one has not turned up elsewhere. */
    private void takeNameless(Attendance attendance) {
        if (attendance instanceof Attendance.Nameless(int index, Diagnosis diagnosis)) {
            GpuIdentity gpu = known.values().stream()
                    .filter(seen -> seen.index() == index && !accounted.contains(seen.uuid()))
                    .findFirst()
                    .orElseGet(() -> new GpuIdentity(index, STAND_IN + index, NO_NAME));
            miss(gpu, diagnosis);
        }
    }

    private void takeExpected(Expected expected, long unsettled, Diagnosis diagnosis) {
        switch (expected) {
            case Expected.Auto() -> {}
            case Expected.Count(int gpus) -> {
                // Those being asked and those known but not yet found may be the same GPUs: the larger number counts.
                long notFound = known.keySet().stream()
                        .filter(uuid -> !accounted.contains(uuid))
                        .count();
                for (long missing = gpus - accounted.size() - Math.max(unsettled, notFound); missing > 0; missing--) {
                    int index = freeIndex();
                    miss(new GpuIdentity(index, STAND_IN + index, NO_NAME), diagnosis);
                }
            }
            case Expected.Uuids(List<String> uuids) -> {
                if (unsettled == 0) {
                    uuids.stream()
                            .filter(uuid -> !accounted.contains(uuid))
                            .toList()
                            .forEach(uuid -> miss(new GpuIdentity(freeIndex(), uuid, NO_NAME), diagnosis));
                }
            }
        }
    }

    private void miss(GpuIdentity gpu, Diagnosis diagnosis) {
        if (!accounted.contains(gpu.uuid())) {
            account(gpu);
            absences.put(gpu.uuid(), new Absence(gpu, diagnosis));
        }
    }

    private void account(GpuIdentity gpu) {
        accounted.add(gpu.uuid());
        takenIndexes.add(gpu.index());
    }

    private int freeIndex() {
        int index = 0;
        while (takenIndexes.contains(index)) {
            index++;
        }
        return index;
    }

    /** A GPU that was merely expected has no name, as one that merely stood for another. */
    private static boolean wasSeen(GpuIdentity gpu) {
        return !gpu.name().equals(NO_NAME);
    }
}
