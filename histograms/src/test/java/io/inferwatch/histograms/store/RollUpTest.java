package io.inferwatch.histograms.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.collector.catalogue.MetricCatalogue;
import io.inferwatch.histograms.Across;
import io.inferwatch.histograms.Answer;
import io.inferwatch.histograms.HistogramsConfig;
import io.inferwatch.histograms.QueryRange;
import io.inferwatch.histograms.Resolution;
import io.inferwatch.histograms.Selection;
import io.inferwatch.histograms.TelemetryStore;
import io.inferwatch.histograms.WindowData;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From samples to percentiles through the real database, against the sorted list of all samples. */
@SuppressWarnings("NullAway.Init")
class RollUpTest {
    private static final Metric TTFT = MetricCatalogue.require("llm.ttft");
    private static final List<BigDecimal> PS =
            List.of(new BigDecimal("50"), new BigDecimal("90"), new BigDecimal("99"), new BigDecimal("99.9"));
    private static final long NOW = Instant.parse("2026-03-05T12:34:56Z").toEpochMilli();
    private static final long HOUR_MILLIS = 3_600_000;
    private static final List<Duration> STEPS =
            List.of(Duration.ofSeconds(10), Duration.ofMinutes(1), Duration.ofMinutes(10), Duration.ofHours(1));

    @TempDir
    Path folder;

    private final AtomicLong clockMillis = new AtomicLong(NOW);
    private final Map<String, TreeMap<Long, List<Long>>> samples = new HashMap<>();
    private Database database;
    private JdbcWindowStore rows;
    private TelemetryStore store;
    private long sequence;

    @BeforeEach
    void open() {
        InstantSource clock = () -> Instant.ofEpochMilli(clockMillis.get());
        database = Database.open(StoreConfig.DEFAULT, "", folder, clock).database();
        rows = new JdbcWindowStore(database, StoreConfig.DEFAULT);
        store = new TelemetryStore(HistogramsConfig.DEFAULT, rows, clock, () -> clockMillis.get() * 1_000_000);
    }

    @AfterEach
    void close() {
        rows.close();
        database.close();
    }

    private void record(Random random, boolean backfill, int samplesOfRecord, long spanMillis) {
        clockMillis.addAndGet(random.nextInt(200));
        store.beginRecord(++sequence, clockMillis.get(), backfill);
        for (int i = 0; i < samplesOfRecord; i++) {
            String model = "m" + random.nextInt(3);
            long at = clockMillis.get() - (long) (random.nextDouble() * spanMillis);
            long micros = 1 + (long) (150_000 * Math.exp(random.nextGaussian() * 0.9));
            LabelSet labels = LabelSet.of("host", "h", "model", model, "outcome", "success", "observer", "push");
            store.observe(TTFT, labels, at, micros, 1, "id-" + sequence + "-" + i);
            samples.computeIfAbsent(model, first -> new TreeMap<>())
                    .computeIfAbsent(Resolution.TEN_SECONDS.startOf(at), first -> new ArrayList<>())
                    .add(micros);
        }
        store.endRecord();
    }

    private void maintain() {
        int slices = 0;
        while (rows.maintain(clockMillis.get())) {
            assertThat(++slices).isLessThan(10_000);
        }
    }

    private void assertAllRight(String when) {
        Instant from = Instant.ofEpochMilli(NOW - 12 * HOUR_MILLIS);
        Instant to = Instant.ofEpochMilli(clockMillis.get() + 1);
        assertRight(when + ", whole", QueryRange.whole(from, to));
        for (Duration step : STEPS) {
            Instant near = step.toMillis() < 60_000 ? Instant.ofEpochMilli(NOW - 5 * HOUR_MILLIS) : from;
            assertRight(when + ", step " + step, QueryRange.stepped(near, to, step));
        }
    }

    private void assertRight(String when, QueryRange range) {
        Selection byModel = new Selection(TTFT, List.of(), List.of("model"), Across.DEFAULT, Optional.empty());
        Answer<Answer.Percentiles> answer = store.queries().percentiles(byModel, PS, range);
        assertThat(answer.groups()).as(when).hasSize(3);
        for (Answer.Group<Answer.Percentiles> group : answer.groups()) {
            String model = group.labels().get("model").orElseThrow();
            TreeMap<Long, List<Long>> expected = new TreeMap<>();
            windowsOf(model)
                    .subMap(answer.from().toEpochMilli(), answer.to().toEpochMilli())
                    .forEach((start, values) -> expected.computeIfAbsent(
                                    point(answer, start), first -> new ArrayList<>())
                            .addAll(values));
            assertThat(group.points())
                    .as("%s, %s", when, model)
                    .extracting(each -> each.from().toEpochMilli())
                    .containsExactlyElementsOf(expected.keySet());
            for (Answer.Point<Answer.Percentiles> point : group.points()) {
                assertRight(when, point, windowsAt(expected, point.from().toEpochMilli()));
            }
        }
    }

    private NavigableMap<Long, List<Long>> windowsOf(String model) {
        return samples.getOrDefault(model, new TreeMap<>());
    }

    private static List<Long> windowsAt(Map<Long, List<Long>> expected, long start) {
        return expected.getOrDefault(start, List.of());
    }

    private static long point(Answer<?> answer, long start) {
        return answer.step()
                .map(step -> Math.floorDiv(start, step.toMillis()) * step.toMillis())
                .orElse(answer.from().toEpochMilli());
    }

    private static void assertRight(String when, Answer.Point<Answer.Percentiles> point, List<Long> values) {
        Collections.sort(values);
        assertThat(point.count()).as(when).isEqualTo(values.size());
        for (int i = 0; i < PS.size(); i++) {
            int rank = PS.get(i)
                    .multiply(BigDecimal.valueOf(values.size()))
                    .movePointLeft(2)
                    .setScale(0, RoundingMode.CEILING)
                    .intValueExact();
            double exact = values.get(Math.max(1, rank) - 1) / 1_000.0;
            assertThat(point.value().values().get(i).estimate())
                    .as("%s, p%s at %s", when, PS.get(i), point.from())
                    .isCloseTo(exact, within(exact * 0.001 + 0.001));
        }
        assertThat(point.value().max().estimate()).as(when).isEqualTo(values.getLast() / 1_000.0);
    }

    @Test
    void percentilesAreThoseOfTheSortedList_beforeAndAfterRollUpAndRestart() {
        long seed = new Random().nextLong();
        System.out.println("RollUpTest seed " + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 300; i++) {
            boolean backfill = i % 3 > 0;
            record(random, backfill, 40, backfill ? 11 * HOUR_MILLIS : 600_000);
        }
        assertAllRight("in memory");
        store.flush();
        assertAllRight("in rows");
        maintain();
        assertThat(rows.stats().liveBytes()).isPositive();
        assertAllRight("packed");
        for (int i = 0; i < 100; i++) {
            record(random, true, 40, 11 * HOUR_MILLIS);
        }
        assertAllRight("amended in memory");
        store.flush();
        assertAllRight("amended in rows");
        clockMillis.addAndGet(2 * HOUR_MILLIS);
        record(random, false, 40, 600_000);
        store.flush();
        maintain();
        assertThat(rows.rolledUpTo(Resolution.HOUR)).isGreaterThan(NOW);
        assertAllRight("amended and packed");

        close();
        open();

        assertAllRight("after a restart");
        assertThat(store.recovery().checkpoint()).isEqualTo(sequence + 1);
    }

    @Test
    void everyResolutionHoldsTheSample_whenItIsOfLongAgo() {
        for (long daysAgo : new long[] {0, 1, 10, 60, 300}) {
            long at = NOW - daysAgo * 24 * HOUR_MILLIS - HOUR_MILLIS;
            for (int i = 0; i < 5; i++) {
                store.beginRecord(++sequence, clockMillis.get(), true);
                store.observe(TTFT, LabelSet.of("model", "m", "outcome", "success"), at + i, 1_000L * (i + 1), 1, null);
                store.endRecord();
                store.flush();
                if (i % 2 == 0) {
                    maintain();
                }
            }
            for (Resolution resolution : Resolution.values()) {
                if (rows.keptFrom(resolution) <= at) {
                    assertThat(stored(resolution, at))
                            .as("%s, %d days ago", resolution, daysAgo)
                            .hasSize(1)
                            .allSatisfy(window -> assertThat(window.sumScaled()).isEqualTo(15_000));
                }
            }
        }
        assertThat(rows.keptFrom(Resolution.TEN_SECONDS)).isGreaterThan(NOW - 60 * 24 * HOUR_MILLIS);
    }

    private List<WindowData> stored(Resolution resolution, long at) {
        List<WindowData> found = new ArrayList<>();
        long start = resolution.startOf(at);
        rows.read(
                rows.series(TTFT.name()).stream().map(each -> each.key()).toList(),
                resolution,
                start,
                start + resolution.millis(),
                (key, windowStart, data) -> found.add(data));
        return found;
    }
}
