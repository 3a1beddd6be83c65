package io.inferwatch.histograms.store;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.collector.catalogue.MetricCatalogue;
import io.inferwatch.histograms.Across;
import io.inferwatch.histograms.Answer;
import io.inferwatch.histograms.ClosedWindow;
import io.inferwatch.histograms.HistogramsConfig;
import io.inferwatch.histograms.LabelMatcher;
import io.inferwatch.histograms.QueryRange;
import io.inferwatch.histograms.Selection;
import io.inferwatch.histograms.SeriesKey;
import io.inferwatch.histograms.TelemetryStore;
import io.inferwatch.histograms.WindowBatch;
import io.inferwatch.histograms.WindowData;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * How long percentiles over a day of 10 s windows take: 200 label sets, each with three metrics of a request, five
 * requests a window, in the real store. Not a test: it prints figures. The folder is filled where it does not exist yet.
 *
 * <pre>
 * java -cp (as for {@link SimulatedDay}) io.inferwatch.histograms.store.QueriedDay FOLDER [hours]
 * </pre>
 */
final class QueriedDay {
    private static final List<String> METRICS = List.of("llm.ttft", "llm.tpot", "llm.latency");
    private static final int LABEL_SETS = 200;
    private static final int REQUESTS_A_WINDOW = 5;
    private static final int TIMES = 40;
    private static final List<BigDecimal> PS =
            List.of(BigDecimal.valueOf(50), BigDecimal.valueOf(95), BigDecimal.valueOf(99));

    private final Metric ttft = MetricCatalogue.require("llm.ttft");
    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final JdbcWindowStore store;
    private final Instant end;
    private final long firstMillis;

    private QueriedDay(JdbcWindowStore store, int hours) {
        this.store = store;
        // Twenty-three minutes past the hour and eight past ten: the last stretches are neither rolled up nor packed.
        this.firstMillis = WindowStoreContract.T0 + 1_380_000;
        this.end = Instant.ofEpochMilli(firstMillis + hours * 3_600_000L + 485_000);
    }

    private void fill() {
        Random random = new Random(42);
        List<List<SeriesKey>> sets = new ArrayList<>();
        for (int set = 0; set < LABEL_SETS; set++) {
            LabelSet labels = LabelSet.of(
                    "host",
                    "node-1",
                    "model",
                    "m" + set % 3,
                    "route",
                    "/r" + set,
                    "outcome",
                    "success",
                    "observer",
                    "push",
                    "pool",
                    set % 10 == 0 ? "small" : "rest");
            sets.add(METRICS.stream()
                    .map(metric -> new SeriesKey(metric, labels))
                    .toList());
        }
        long sequence = 0;
        for (long start = firstMillis; start < end.toEpochMilli(); start += 10_000) {
            sequence++;
            List<ClosedWindow> closed = new ArrayList<>();
            for (List<SeriesKey> set : sets) {
                for (SeriesKey key : set) {
                    long[] samples = new long[REQUESTS_A_WINDOW];
                    Arrays.setAll(samples, i -> (long) (150_000 * Math.exp(random.nextGaussian() * 0.6)));
                    closed.add(new ClosedWindow(key, start, false, sequence, WindowData.ofSamples(start, samples)));
                }
            }
            store.write(new WindowBatch(closed, sequence + 1));
            for (boolean isMore = true; isMore; ) {
                isMore = store.maintain(start + 15_000);
            }
        }
    }

    private void measure(TelemetryStore telemetry, String what, Selection selection, QueryRange range) {
        double[] wallMillis = new double[TIMES];
        double[] cpuMillis = new double[TIMES];
        long count = 0;
        for (int i = 0; i < TIMES; i++) {
            long began = System.nanoTime();
            long cpu = threads.getCurrentThreadCpuTime();
            Answer<Answer.Percentiles> answer = telemetry.queries().percentiles(selection, PS, range);
            cpuMillis[i] = (threads.getCurrentThreadCpuTime() - cpu) / 1e6;
            wallMillis[i] = (System.nanoTime() - began) / 1e6;
            count = answer.groups().getFirst().points().stream()
                    .mapToLong(Answer.Point::count)
                    .sum();
        }
        System.out.printf(
                "figure %s: first %.0f ms; wall median %.1f ms, worst of the later half %.1f ms; CPU median %.1f ms; %d samples%n",
                what,
                wallMillis[0],
                median(wallMillis),
                Arrays.stream(wallMillis).skip(TIMES / 2).max().orElseThrow(),
                median(cpuMillis),
                count);
    }

    private static double median(double[] values) {
        return Arrays.stream(values).skip(values.length / 4).sorted().toArray()[values.length * 3 / 8];
    }

    private void measureAll(TelemetryStore telemetry) {
        Selection all = new Selection(ttft, List.of(), List.of(), Across.DEFAULT, Optional.empty());
        Selection small = new Selection(
                ttft,
                List.of(new LabelMatcher("pool", List.of("small"), false)),
                List.of(),
                Across.DEFAULT,
                Optional.empty());
        Instant dayAgo = end.minus(Duration.ofHours(24));
        for (Selection selection : List.of(small, all)) {
            String series = selection.where().isEmpty() ? "200 series" : "20 series";
            measure(telemetry, series + ", 24 h", selection, QueryRange.whole(dayAgo, end));
            measure(
                    telemetry,
                    series + ", 24 h by 10 min",
                    selection,
                    QueryRange.stepped(dayAgo, end, Duration.ofMinutes(10)));
            measure(
                    telemetry,
                    series + ", 24 h by 1 h",
                    selection,
                    QueryRange.stepped(dayAgo, end, Duration.ofHours(1)));
            measure(telemetry, series + ", 1 h", selection, QueryRange.whole(end.minus(Duration.ofHours(1)), end));
        }
    }

    public static void main(String[] args) throws InterruptedException {
        Path folder = Path.of(args[0]);
        boolean isThere = Files.exists(folder);
        InstantSource clock = InstantSource.fixed(Instant.ofEpochMilli(WindowStoreContract.T0));
        Database database =
                Database.open(StoreConfig.DEFAULT, "", folder, clock).database();
        JdbcWindowStore store = new JdbcWindowStore(database, StoreConfig.DEFAULT);
        QueriedDay day = new QueriedDay(store, args.length > 1 ? Integer.parseInt(args[1]) : 24);
        if (!isThere) {
            // The day passes in minutes, so the time for which H2 keeps dead space must be as much shorter.
            database.write("pace", connection -> connection.createStatement().execute("SET RETENTION_TIME 100"));
            day.fill();
        }
        TelemetryStore telemetry =
                new TelemetryStore(HistogramsConfig.DEFAULT, store, InstantSource.fixed(day.end), System::nanoTime);
        day.measureAll(telemetry);
        store.close();
        database.close();
    }
}
