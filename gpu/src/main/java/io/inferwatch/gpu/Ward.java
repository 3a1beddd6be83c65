package io.inferwatch.gpu;

import io.inferwatch.gpu.health.Chart;
import io.inferwatch.gpu.health.Finding;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The health of every GPU: adds to what a poll says of one what its readings and its XIDs say. Any thread. */
final class Ward {
    private static final int MOST_EVENTS = 100;

    private final Map<String, Patient> patients = new HashMap<>();

    private static final class Patient {
        private final Chart chart = new Chart();
        private final Deque<XidEvent> events = new ArrayDeque<>();
        private int generation;
        private boolean wasLost;
    }

    synchronized void note(XidEvent event) {
        Patient patient = patient(event.gpu().uuid());
        patient.chart.note(event.at(), event.xid(), event.gpuInstance());
        if (patient.events.size() == MOST_EVENTS) {
            patient.events.removeFirst();
        }
        patient.events.addLast(event);
    }

    /** The newest XIDs of a GPU, oldest first. */
    synchronized List<XidEvent> events(String uuid) {
        Patient patient = patients.get(uuid);
        return patient == null ? List.of() : List.copyOf(patient.events);
    }

    /** Forgets a GPU that is no longer expected. */
    synchronized void discharge(String uuid) {
        patients.remove(uuid);
    }

    synchronized Diagnosis examine(
            GpuIdentity gpu, int generation, Instant at, Diagnosis told, List<FieldReading> readings) {
        Patient patient = patient(gpu.uuid());
        return switch (told.state()) {
            case LOST, DRIVER_UNRESPONSIVE -> {
                patient.wasLost = true;
                yield told.with(patient.chart.recentXids(at));
            }
            case HEALTHY, DEGRADED, FAILING -> {
                if (patient.wasLost || (patient.generation != 0 && patient.generation != generation)) {
                    patient.chart.wasReset();
                }
                patient.wasLost = false;
                patient.generation = generation;
                yield joined(told, patient.chart.examine(at, Vitals.of(readings)), patient.chart.recentXids(at));
            }
        };
    }

    private static Diagnosis joined(Diagnosis told, List<Finding> findings, List<String> xids) {
        List<String> evidence = new ArrayList<>();
        if (!told.reason().isEmpty()) {
            evidence.add(told.reason());
        }
        findings.stream().map(Finding::reason).filter(reason -> !isXid(reason)).forEach(evidence::add);
        evidence.addAll(xids);
        if (findings.isEmpty()) {
            return told.with(evidence);
        }
        Finding gravest = findings.getFirst();
        GpuVerdict.State state = switch (gravest.grade()) {
            case DEGRADED -> GpuVerdict.State.DEGRADED;
            case FAILING -> GpuVerdict.State.FAILING;
        };
        // That every reading is refused says more than an old XID does.
        boolean isToldFirst = told.state() == state && !told.reason().isEmpty();
        return new Diagnosis(
                state,
                isToldFirst ? told.reason() : gravest.reason(),
                isToldFirst ? told.action() : gravest.action(),
                evidence);
    }

    private static boolean isXid(String reason) {
        return reason.startsWith("XID ");
    }

    private Patient patient(String uuid) {
        return patients.computeIfAbsent(uuid, made -> new Patient());
    }
}
