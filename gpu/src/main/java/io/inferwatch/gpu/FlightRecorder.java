package io.inferwatch.gpu;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Writes down the polls of running flight records on their way, and keeps the newest records. Any thread. */
final class FlightRecorder implements GpuSink {
    /** Each holds at most some 50 polls a GPU. */
    static final int MOST_RECORDS = 16;

    private static final int MOST_ROWS = 100;
    private static final int MOST_GPUS = 16;
    private static final Set<String> METRICS = Set.of(
            "gpu.sm.utilization",
            "gpu.sm.occupancy",
            "gpu.tensor.active",
            "gpu.dram.active",
            "gpu.utilization",
            "gpu.power",
            "gpu.temperature",
            "gpu.clock.sm",
            "gpu.clock.memory",
            "gpu.memory.used",
            "gpu.throttle");

    private final GpuSink next;
    private final Map<String, Flight> flights = new LinkedHashMap<>();

    private static final class Flight {
        private final Instant from;
        private final Instant until;
        private final String notTaken;
        private final Predicate<GpuIdentity> which;
        private final Map<String, GpuIdentity> gpus = new LinkedHashMap<>();
        private final Map<String, List<FlightRecord.Row>> rows = new LinkedHashMap<>();

        private Flight(Instant from, Instant until, String notTaken, Predicate<GpuIdentity> which) {
            this.from = from;
            this.until = until;
            this.notTaken = notTaken;
            this.which = which;
        }
    }

    FlightRecorder(GpuSink next) {
        this.next = next;
    }

    @Override
    public void poll(GpuPoll poll) {
        note(poll);
        next.poll(poll);
    }

    @Override
    public void xid(XidEvent event) {
        next.xid(event);
    }

    /**
     * Begins a record; one of that id that is there already goes on.
     *
     * @param notTaken why nothing is read faster; empty where it is
     */
    synchronized void begin(String id, Instant from, Instant until, String notTaken, Predicate<GpuIdentity> which) {
        if (flights.containsKey(id)) {
            return;
        }
        if (flights.size() == MOST_RECORDS) {
            flights.remove(flights.keySet().iterator().next());
        }
        flights.put(id, new Flight(from, until, notTaken, which));
    }

    private synchronized void note(GpuPoll poll) {
        for (Flight flight : flights.values()) {
            boolean isWithin = !poll.at().isBefore(flight.from) && poll.at().isBefore(flight.until);
            if (isWithin && flight.which.test(poll.gpu())) {
                String uuid = poll.gpu().uuid();
                List<FlightRecord.Row> rows = flight.rows.get(uuid);
                if (rows == null && flight.rows.size() < MOST_GPUS) {
                    rows = new ArrayList<>();
                    flight.rows.put(uuid, rows);
                }
                if (rows != null && rows.size() < MOST_ROWS) {
                    flight.gpus.put(uuid, poll.gpu());
                    rows.add(new FlightRecord.Row(poll.at(), values(poll)));
                }
            }
        }
    }

    private static Map<String, Double> values(GpuPoll poll) {
        Map<String, Double> values = new TreeMap<>();
        for (FieldReading field : poll.readings()) {
            String metric = field.field().metric();
            if (METRICS.contains(metric) && field.reading() instanceof Reading.Value<Samples>(Samples samples)) {
                String part = String.join(".", field.part().values());
                values.put(part.isEmpty() ? metric : metric + "." + part, samples.last());
            }
        }
        return values;
    }

    /** Of which alerts there is a record now. */
    synchronized Set<String> ids() {
        return Set.copyOf(flights.keySet());
    }

    /** The record of that id, running or done; absent once newer ones took its place. */
    synchronized Optional<FlightRecord> of(String id) {
        Flight flight = flights.get(id);
        if (flight == null) {
            return Optional.empty();
        }
        List<FlightRecord.OfGpu> gpus = flight.rows.entrySet().stream()
                .map(entry -> new FlightRecord.OfGpu(
                        Objects.requireNonNull(flight.gpus.get(entry.getKey())), entry.getValue()))
                .sorted(Comparator.comparingInt(part -> part.gpu().index()))
                .toList();
        return Optional.of(new FlightRecord(flight.from, flight.until, flight.notTaken, gpus));
    }
}
