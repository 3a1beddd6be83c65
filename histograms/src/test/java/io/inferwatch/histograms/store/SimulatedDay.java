package io.inferwatch.histograms.store;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.histograms.ClosedWindow;
import io.inferwatch.histograms.Exemplar;
import io.inferwatch.histograms.Resolution;
import io.inferwatch.histograms.SeriesKey;
import io.inferwatch.histograms.WindowBatch;
import io.inferwatch.histograms.WindowData;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/**
 * A day of 8 GPUs and 500 series through the real store, in minutes: what it takes of disk, writes and CPU, and how long
 * reads of it take. Not a test: it prints figures.
 *
 * <pre>
 * ./mvnw -pl histograms -am test-compile
 * ./mvnw -pl histograms dependency:build-classpath -Dmdep.outputFile=cp.txt
 * java -cp histograms/target/test-classes:histograms/target/classes:$(cat cp.txt) \
 *     io.inferwatch.histograms.store.SimulatedDay FOLDER [hours]
 * </pre>
 */
final class SimulatedDay {
    private static final long T0 = WindowStoreContract.T0;
    private static final double H2_RETENTION_MILLIS = 45_000;
    private static final int GPUS = 8;
    private static final int GAUGES = 12;
    private static final int LABEL_SETS = 34;
    /** So many of the events, from the first, are latencies: their windows remember the slowest requests by name. */
    private static final int LATENCIES = 7;

    private static final String[] EVENTS = {
        "llm.ttft",
        "llm.content_ttft",
        "llm.tpot",
        "llm.latency",
        "llm.queue",
        "llm.prefill",
        "llm.decode",
        "llm.tokens.input",
        "llm.tokens.output",
        "llm.tokens.cached",
        "llm.requests",
        "cost.usd"
    };

    private final Random random = new Random(42);
    private final List<SeriesKey> gauges = new ArrayList<>();
    private final long[] gaugeValues = new long[GPUS * GAUGES];
    private final List<List<SeriesKey>> events = new ArrayList<>();
    private long sequence;

    private SimulatedDay() {
        for (int gpu = 0; gpu < GPUS; gpu++) {
            for (int gauge = 0; gauge < GAUGES; gauge++) {
                gauges.add(new SeriesKey(
                        "gpu.gauge" + gauge, LabelSet.of("host", "node-1", "gpu", "" + gpu, "uuid", "GPU-" + gpu)));
                gaugeValues[gpu * GAUGES + gauge] = 400_000;
            }
        }
        for (int set = 0; set < LABEL_SETS; set++) {
            List<SeriesKey> ofSet = new ArrayList<>();
            for (String event : EVENTS) {
                ofSet.add(new SeriesKey(
                        event,
                        LabelSet.of(
                                "host", "node-1", "model", "m" + set % 3, "route", "/r" + set, "outcome", "success")));
            }
            events.add(ofSet);
        }
    }

    private List<ClosedWindow> windows(long start) {
        List<ClosedWindow> closed = new ArrayList<>();
        for (int i = 0; i < gauges.size(); i++) {
            long[] samples = new long[10];
            for (int second = 0; second < 10; second++) {
                // A third of gauges stands still (limits, memory), the rest moves about.
                gaugeValues[i] += i % 3 == 0 ? 0 : (long) (random.nextGaussian() * 3_000);
                samples[second] = Math.abs(gaugeValues[i]);
            }
            closed.add(new ClosedWindow(
                    gauges.get(i), start, false, sequence + 10, WindowData.ofSamples(start + 9_000 + i, samples)));
        }
        sequence += 10;
        for (int set = 0; set < LABEL_SETS; set++) {
            int requests = requests(set);
            if (requests > 0) {
                sequence += requests;
                for (int event = 0; event < EVENTS.length; event++) {
                    long[] samples = new long[requests];
                    for (int i = 0; i < requests; i++) {
                        samples[i] = sample(event);
                    }
                    WindowData data = WindowData.ofSamples(start + 9_000 + random.nextInt(1000), samples);
                    if (event < LATENCIES) {
                        data = data.withExemplars(slowest(samples, start));
                    }
                    closed.add(new ClosedWindow(events.get(set).get(event), start, false, sequence, data));
                }
            }
        }
        return closed;
    }

    private List<Exemplar> slowest(long[] samples, long start) {
        List<Exemplar> named = new ArrayList<>();
        for (long sample : samples) {
            String id = new UUID(random.nextLong(), random.nextLong()).toString();
            named.add(new Exemplar(id, sample, start + random.nextInt(10_000)));
        }
        named.sort(Exemplar.SLOWEST_FIRST);
        return named.subList(0, Math.min(named.size(), Exemplar.KEPT_PER_WINDOW));
    }

    /** 1,000 a window over all label sets, the busier ones first. */
    private int requests(int set) {
        double share = 1.0 / (set + 3);
        return Math.max(0, (int) Math.round(380 * share + random.nextGaussian() * 2));
    }

    private long sample(int event) {
        double base = Math.exp(random.nextGaussian() * 0.6);
        return switch (event) {
            case 2 -> (long) (25_000 * base);
            case 3, 6 -> (long) (4_000_000 * base);
            case 7, 8 -> (long) (400 * base);
            case 9 -> random.nextInt(3) * 128L;
            case 10 -> 1;
            case 11 -> (long) (2_000_000 * base);
            default -> (long) (150_000 * base);
        };
    }

    private static long bytesWritten() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/io"))) {
            if (line.startsWith("wchar:")) {
                return Long.parseLong(line.substring(6).trim());
            }
        }
        throw new IOException("no wchar in /proc/self/io");
    }

    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        int hours = args.length > 1 ? Integer.parseInt(args[1]) : 24;
        SimulatedDay day = new SimulatedDay();
        Database database = Database.open(
                        StoreConfig.DEFAULT, "", folder, InstantSource.fixed(Instant.ofEpochMilli(T0)))
                .database();
        JdbcWindowStore store = new JdbcWindowStore(database, StoreConfig.DEFAULT);
        long startedNanos = System.nanoTime();
        var threads = ManagementFactory.getThreadMXBean();
        long cpu = 0;
        long rows = 0;
        long writtenBefore = bytesWritten();
        for (int i = 0; i < hours * 360; i++) {
            long start = T0 + i * 10_000L;
            List<ClosedWindow> closed = day.windows(start);
            rows += closed.size();
            long began = threads.getCurrentThreadCpuTime();
            store.write(new WindowBatch(closed, day.sequence + 1));
            for (boolean isMore = true; isMore; ) {
                isMore = store.maintain(start + 15_000);
            }
            cpu += threads.getCurrentThreadCpuTime() - began;
            if (i % 60 == 59) {
                keepPace(database, (System.nanoTime() - startedNanos) / 1_000_000.0 / ((i + 1) * 10_000.0));
            }
            if (i % 360 == 359) {
                System.out.printf(
                        "figure hour %d: file %.1f MB (%s), live %.1f MB, written %.1f MB, store CPU %.1f s%n",
                        i / 360 + 1,
                        database.sizeBytes() / 1e6,
                        fill(database),
                        store.stats().liveBytes() / 1e6,
                        (bytesWritten() - writtenBefore) / 1e6,
                        cpu / 1e9);
            }
        }
        database.read("bytes", connection -> {
            for (Resolution resolution : Resolution.values()) {
                System.out.printf(
                        "figure %s: %.1f MB%n",
                        resolution,
                        database.repositories()
                                        .blocks()
                                        .bytesBetween(RowIds.block(resolution, 0, 0), RowIds.endOfBlocks(resolution))
                                / 1e6);
            }
            return 0;
        });
        System.out.printf(
                "figure %d windows, %.4f MB/s written, %.3f %% of a core%n",
                rows, (bytesWritten() - writtenBefore) / 1e6 / (hours * 3600.0), cpu / 1e7 / (hours * 3600.0));
        day.time(store, hours);
        store.close();
        database.close();
        System.out.printf("figure file after close %.1f MB%n", Files.size(folder.resolve("db/inferwatch.mv.db")) / 1e6);
    }

    /** An hour passes in seconds here, so the time for which H2 keeps dead space must be as much shorter. */
    private static void keepPace(Database database, double wallPerVirtual) {
        long retentionMillis = Math.max(1, Math.round(H2_RETENTION_MILLIS * wallPerVirtual));
        database.write(
                "pace", connection -> connection.createStatement().execute("SET RETENTION_TIME " + retentionMillis));
    }

    private static String fill(Database database) {
        return database.read("fill", connection -> {
            var session = (org.h2.engine.SessionLocal)
                    connection.unwrap(org.h2.jdbc.JdbcConnection.class).getSession();
            var store = session.getDatabase().getStore().getMvStore().getFileStore();
            return "chunks " + store.getChunksFillRate() + " %, file " + store.getFillRate() + " %";
        });
    }

    private void time(JdbcWindowStore store, int hours) {
        List<SeriesKey> all = new ArrayList<>();
        events.forEach(set -> all.addAll(set));
        for (int series : new int[] {20, 200}) {
            for (int round = 0; round < 100; round++) {
                long began = System.nanoTime();
                List<WindowData> parts = new ArrayList<>();
                long end = T0 + hours * 3_600_000L;
                long from = T0;
                for (Resolution resolution : List.of(Resolution.HOUR, Resolution.TEN_MINUTES, Resolution.TEN_SECONDS)) {
                    long to = Math.min(end, store.rolledUpTo(resolution));
                    store.read(all.subList(0, series), resolution, from, to, (key, start, data) -> parts.add(data));
                    from = to;
                }
                long read = System.nanoTime();
                WindowData merged = WindowData.merge(parts);
                if (round % 33 != 0) {
                    continue;
                }
                System.out.printf(
                        "figure %d series: %d windows read in %.1f ms, merged in %.1f ms (%d samples)%n",
                        series, parts.size(), (read - began) / 1e6, (System.nanoTime() - read) / 1e6, merged.count());
            }
        }
        for (int round = 0; round < 3; round++) {
            long began = System.nanoTime();
            long[] count = new long[1];
            store.read(all.subList(0, 20), Resolution.TEN_SECONDS, 0, Long.MAX_VALUE, (key, start, data) -> count[0]++);
            System.out.printf(
                    "figure 20 series at 10 s: %d windows in %.1f ms%n", count[0], (System.nanoTime() - began) / 1e6);
        }
    }
}
