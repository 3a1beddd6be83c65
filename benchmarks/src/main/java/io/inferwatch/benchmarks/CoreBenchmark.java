package io.inferwatch.benchmarks;

import io.inferwatch.collector.Collector;
import io.inferwatch.collector.CollectorConfig;
import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.catalogue.MetricCatalogue;
import io.inferwatch.collector.identity.IdentityKey;
import io.inferwatch.collector.ids.IdHash;
import io.inferwatch.collector.journal.ChronicleJournal;
import io.inferwatch.collector.journal.JournalConfig;
import io.inferwatch.collector.push.BodyFormat;
import io.inferwatch.collector.push.IntakeOptions;
import io.inferwatch.collector.push.IntakeOutcome;
import io.inferwatch.collector.push.RequestIntake;
import io.inferwatch.histograms.Across;
import io.inferwatch.histograms.Answer;
import io.inferwatch.histograms.ApplyLoop;
import io.inferwatch.histograms.HistogramsConfig;
import io.inferwatch.histograms.QueryRange;
import io.inferwatch.histograms.Selection;
import io.inferwatch.histograms.TelemetryStore;
import io.inferwatch.histograms.store.Database;
import io.inferwatch.histograms.store.JdbcWindowStore;
import io.inferwatch.histograms.store.StoreConfig;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What one record costs on its way, in one thread: parsed, checked and journalled; then read back and laid into its
 * windows; and what a percentile over live windows costs. Real journal, real database, no HTTP.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class CoreBenchmark {
    private static final int RECORDS = 1_000;
    private static final int ID_DIGITS = 12;
    private static final String ID = "\"request_id\":\"r-";
    private static final List<BigDecimal> RANKS =
            List.of(new BigDecimal("50"), new BigDecimal("99"), new BigDecimal("99.9"));

    private final InstantSource clock = InstantSource.system();
    private final byte[] body;
    private final int[] idsAt;
    private final Path folder;
    private final Database database;
    private final ChronicleJournal journal;
    private final RequestIntake intake;
    private final TelemetryStore store;
    private final ApplyLoop apply;
    private final Selection ttftByModel;
    private long nextId;

    /** A folder, a journal and a database of their own. */
    public CoreBenchmark() {
        SplittableRandom random = new SplittableRandom(7);
        String text =
                IntStream.range(0, RECORDS).mapToObj(i -> record(random, i % 5)).collect(Collectors.joining());
        body = text.getBytes(StandardCharsets.US_ASCII);
        idsAt = idsAt(text);
        try {
            folder = Files.createTempDirectory("inferwatch-core-");
            database = Database.open(StoreConfig.DEFAULT, "", folder, clock).database();
            store = new TelemetryStore(
                    HistogramsConfig.DEFAULT,
                    new JdbcWindowStore(database, StoreConfig.DEFAULT),
                    clock,
                    System::nanoTime);
            JournalConfig config = new JournalConfig(JournalConfig.Ack.PROCESS, Duration.ofMillis(100), 1L << 40, 0);
            journal = ChronicleJournal.open(folder.resolve("journal"), config, clock, System::nanoTime);
            Collector collector = new Collector(
                            CollectorConfig.DEFAULT,
                            journal,
                            LabelSet.of("host", "bench"),
                            IdHash.withRandomKey(),
                            () -> false)
                    .recallIds();
            journal.raiseSequenceAbove(store.recovery().highestAppliedThrough());
            journal.start();
            intake = new RequestIntake(collector, IdentityKey.loadOrCreate(folder));
            apply = new ApplyLoop(collector.tail(1), journal, store);
            ttftByModel = new Selection(
                    MetricCatalogue.require("llm.ttft"), List.of(), List.of("model"), Across.DEFAULT, Optional.empty());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Rows reach the database between the measurements, as they would by the store's own thread. */
    @TearDown(Level.Iteration)
    public void write() {
        while (apply.doWork() > 0) {
            // what is journalled is applied before it is released
        }
        store.writeRows();
        journal.releaseBelow(journal.lastSequence());
    }

    @TearDown
    public void close() throws IOException {
        apply.close();
        journal.close();
        database.close();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** A record of an NDJSON body of 1,000: read, checked, told from those known, one append. */
    @Benchmark
    @OperationsPerInvocation(RECORDS)
    public IntakeOutcome recordTakenIn() throws IOException {
        return intake.accept(new ByteArrayInputStream(body()), BodyFormat.NDJSON, IntakeOptions.DEFAULT);
    }

    /** The same, and read back from the journal into the windows of its series. */
    @Benchmark
    @OperationsPerInvocation(RECORDS)
    public int recordTakenInAndApplied() throws IOException {
        intake.accept(new ByteArrayInputStream(body()), BodyFormat.NDJSON, IntakeOptions.DEFAULT);
        return apply.doWork();
    }

    /** p50, p99 and p99.9 of the last quarter of an hour, five models, from the windows in memory and database. */
    @Benchmark
    public Answer<?> percentilesByModel() throws IOException {
        if (nextId == 0) {
            recordTakenInAndApplied();
        }
        Instant now = clock.instant();
        return store.queries()
                .percentiles(ttftByModel, RANKS, QueryRange.whole(now.minus(Duration.ofMinutes(15)), now));
    }

    /** The same records under ids that were never sent. */
    private byte[] body() {
        for (int at : idsAt) {
            long left = nextId++;
            for (int digit = ID_DIGITS - 1; digit >= 0; digit--) {
                body[at + digit] = (byte) ('0' + left % 10);
                left /= 10;
            }
        }
        return body;
    }

    private static String record(SplittableRandom random, int model) {
        double ttftMs = Math.round(120_000 * Math.exp(0.5 * random.nextGaussian())) / 1_000.0;
        int outputTokens = 2 + random.nextInt(400);
        return "{\"model\":\"model-" + model + "\"," + ID + "0".repeat(ID_DIGITS) + "\",\"route\":\"chat\",\"ttft_ms\":"
                + ttftMs + ",\"latency_ms\":" + (ttftMs + 20 * outputTokens) + ",\"input_tokens\":"
                + (50 + random.nextInt(1_500)) + ",\"output_tokens\":" + outputTokens + "}\n";
    }

    private static int[] idsAt(String text) {
        return Pattern.compile(Pattern.quote(ID))
                .matcher(text)
                .results()
                .mapToInt(MatchResult::end)
                .toArray();
    }
}
