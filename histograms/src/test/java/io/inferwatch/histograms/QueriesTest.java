package io.inferwatch.histograms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.inferwatch.collector.LabelSet;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.HdrHistogram.EncodableHistogram;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class QueriesTest {
    private static final Instant FROM = Instant.ofEpochMilli(Metrics.T0);

    /** Three hours of samples, some written, some in memory. */
    private static long[] fill(Feed feed, int samples) {
        Random random = new Random(4);
        long[] values = Distributions.LOGNORMAL.samples(random, samples);
        long gap = 10_800_000L / samples;
        for (int i = 0; i < samples; i++) {
            feed.at(i * gap);
            feed.observe(Metrics.TTFT, Metrics.success("a"), Metrics.T0 + i * gap, values[i], 1, "r" + i);
            if (i % 100 == 0) {
                feed.store.writeRows();
            }
        }
        return values;
    }

    private static QueryRange threeHours() {
        return QueryRange.whole(FROM, FROM.plus(Duration.ofHours(3)));
    }

    @Test
    void answerIsThatOfTheSortedList_whenSomeIsWrittenSomeRolledUpAndSomeInMemory() {
        Feed feed = new Feed();
        long[] values = fill(feed, 6_000);
        Queries queries = feed.store.queries();
        Arrays.sort(values);
        for (long rolledUp : new long[] {0, 3_600_000, 9_000_000}) {
            feed.rows.rollUp(Metrics.T0 + rolledUp);
            var answer = queries.percentiles(Metrics.all(Metrics.TTFT), Metrics.ps("50", "99.9"), threeHours());
            var point = answer.groups().getFirst().points().getFirst();
            assertThat(point.count()).isEqualTo(6_000);
            assertThat(answer.outcome()).contains("success");
            assertThat(answer.groups().getFirst().observers()).containsExactly("push");
            assertThat(point.value().values().get(0).estimate())
                    .isCloseTo((double) values[2_999] / 1e3, within(values[2_999] / 1e6));
            assertThat(point.value().values().get(1).estimate())
                    .isCloseTo((double) values[5_993] / 1e3, within(values[5_993] / 1e6));
            var stepped = queries.aggregate(
                    Metrics.all(Metrics.TTFT),
                    Aggregate.Basic.COUNT,
                    QueryRange.stepped(FROM, FROM.plus(Duration.ofHours(3)), Duration.ofSeconds(61)));
            assertThat(stepped.step()).contains(Duration.ofSeconds(70));
            assertThat(stepped.groups().getFirst().points().stream()
                            .mapToLong(Answer.Point::count)
                            .sum())
                    .isEqualTo(6_000);
        }
    }

    @Test
    void logIsReadByTheLibrary_whenItIsExported() {
        Feed feed = new Feed();
        fill(feed, 500);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        feed.store.queries().histogramLog(Metrics.all(Metrics.TTFT, "model"), threeHours(), out);

        HistogramLogReader reader = new HistogramLogReader(new ByteArrayInputStream(out.toByteArray()));
        EncodableHistogram read = reader.nextIntervalHistogram();

        assertThat(((Histogram) read).getTotalCount()).isEqualTo(500);
        assertThat(read.getTag()).isEqualTo("model=a");
        assertThat(reader.nextIntervalHistogram()).isNull();
    }

    /** 1,080 windows of 10 s are more than one stretch. */
    @Test
    void stretchesInARowAreOneLogAndOneAnswer_whenTheRangeIsLong() {
        Feed feed = new Feed();
        fill(feed, 3_000);
        QueryRange range = QueryRange.stepped(FROM, FROM.plus(Duration.ofHours(3)), Duration.ofSeconds(10));
        Selection selection = Metrics.all(Metrics.TTFT, "model");
        Queries queries = feed.store.queries();

        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        queries.histogramLog(selection, range, whole);
        ByteArrayOutputStream pieces = new ByteArrayOutputStream();
        queries.histogramLogs(selection, range).forEachRemaining(pieces::writeBytes);
        List<Aggregate> asked = List.of(
                Aggregate.Basic.MAX, new Aggregate.Percentile(Metrics.ps("99").getFirst()));
        List<Answer.Point<List<Bracket>>> rows = new ArrayList<>();
        queries.rows(selection, asked, range)
                .forEachRemaining(answer -> answer.groups().forEach(group -> rows.addAll(group.points())));

        assertThat(pieces.toString(StandardCharsets.UTF_8)).isEqualTo(whole.toString(StandardCharsets.UTF_8));
        var known = queries.percentiles(selection, Metrics.ps("99"), range)
                .groups()
                .getFirst()
                .points();
        assertThat(rows).hasSameSizeAs(known).hasSizeGreaterThan(1_000);
        for (int i = 0; i < rows.size(); i++) {
            assertThat(rows.get(i).from()).isEqualTo(known.get(i).from());
            assertThat(rows.get(i).value())
                    .containsExactly(
                            known.get(i).value().max(),
                            known.get(i).value().values().getFirst());
        }
    }

    @Test
    void negativeValuesStandMirroredUnderATagOfTheirOwn_whenTheMetricIsSigned() {
        Feed feed = new Feed();
        long[] scaled = {-3_000_000, -1_000_000, -1_000_000, 0, 2_000_000};
        for (long each : scaled) {
            feed.observe(Metrics.SCORE, LabelSet.of("model", "a"), Metrics.T0, each);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        feed.store.queries().histogramLog(Metrics.all(Metrics.SCORE, "model"), threeHours(), out);

        HistogramLogReader reader = new HistogramLogReader(new ByteArrayInputStream(out.toByteArray()));
        Histogram positive = (Histogram) reader.nextIntervalHistogram();
        Histogram negative = (Histogram) reader.nextIntervalHistogram();

        assertThat(positive.getTag()).isEqualTo("model=a");
        assertThat(positive.getTotalCount()).isEqualTo(2);
        assertThat(positive.getCountAtValue(0)).isEqualTo(1);
        assertThat(positive.getCountAtValue(2_000_000)).isEqualTo(1);
        assertThat(negative.getTag()).isEqualTo("model=a;negative");
        assertThat(negative.getTotalCount()).isEqualTo(3);
        assertThat(negative.getCountAtValue(1_000_000)).isEqualTo(2);
        assertThat(negative.getCountAtValue(3_000_000)).isEqualTo(1);
        assertThat(reader.nextIntervalHistogram()).isNull();
    }

    @Test
    void heatmapHoldsEverySample_whenColumnsAreFew() {
        Feed feed = new Feed();
        fill(feed, 2_000);
        Answer.Heatmap map = feed.store.queries().heatmap(Metrics.all(Metrics.TTFT), threeHours(), 30);

        var points = map.counts().groups().getFirst().points();
        assertThat(points).hasSizeLessThanOrEqualTo(30);
        assertThat(points.stream()
                        .flatMap(point -> point.value().stream())
                        .mapToLong(Long::longValue)
                        .sum())
                .isEqualTo(2_000);
        assertThat(map.bounds()).isSorted().hasSize(points.getFirst().value().size() + 1);
    }

    @Test
    void slowestAreNamed_whenRequestsHadIds() {
        Feed feed = new Feed();
        long[] values = fill(feed, 1_000);
        var slow = feed.store.queries().slowest(Metrics.all(Metrics.TTFT), threeHours(), 3);
        Arrays.sort(values);

        assertThat(slow).hasSize(3);
        assertThat(slow.getFirst().value()).isEqualTo(values[999] / 1e3);
    }

    @ParameterizedTest
    @EnumSource(Aggregate.Basic.class)
    void aggregateFitsItsKindOrSaysWhyNot(Aggregate.Basic basic) {
        Feed feed = new Feed();
        for (int i = 1; i <= 4; i++) {
            feed.observe(Metrics.POWER, Metrics.gpu(0), Metrics.T0 + i, i * 1_000L);
            feed.observe(Metrics.REQUESTS, Metrics.success("a"), Metrics.T0 + i, i);
            feed.observe(Metrics.TOKENS, Metrics.success("a"), Metrics.T0 + i, i);
        }
        QueryRange range = QueryRange.whole(FROM, FROM.plusSeconds(10));
        double expected = switch (basic) {
            case AVG -> 2.5;
            case MIN -> 1;
            case MAX, LAST, COUNT -> 4;
            case SUM, INCREASE -> 10;
            case RATE -> 1;
            case STDDEV -> Math.sqrt(1.25);
        };
        for (var metric : List.of(Metrics.REQUESTS, Metrics.TOKENS, Metrics.POWER)) {
            if (Aggregate.misfit(metric, basic).isPresent()) {
                assertThatThrownBy(() -> feed.store.queries().aggregate(Metrics.all(metric), basic, range))
                        .isInstanceOf(UnfitQueryException.class)
                        .hasMessageContaining("gauge");
            } else {
                var answer = feed.store.queries().aggregate(Metrics.all(metric), basic, range);
                assertThat(answer.groups()
                                .getFirst()
                                .points()
                                .getFirst()
                                .value()
                                .estimate())
                        .isCloseTo(expected, within(0.001));
            }
        }
    }

    @Test
    void overflowIsSaidAndTotalsAreRight_whenSeriesRunOut() {
        Feed feed = new Feed(new MapWindowStore(), new HistogramsConfig(64L << 20, 3, 5));
        for (int i = 0; i < 10; i++) {
            LabelSet labels = Metrics.success("m").plus(LabelSet.of("route", "r" + i));
            feed.observe(Metrics.REQUESTS, labels, Metrics.T0, 1);
        }
        QueryRange range = QueryRange.whole(FROM, FROM.plusSeconds(10));
        var answer = feed.store.queries().aggregate(Metrics.all(Metrics.REQUESTS), Aggregate.Basic.SUM, range);

        assertThat(answer.groups().getFirst().points().getFirst().value().estimate())
                .isEqualTo(10.0);
        assertThat(answer.groups().getFirst().provenance()).isEqualTo(new Provenance.Overflow());
        assertThat(feed.store.stats().overflowObservations()).isEqualTo(7);
        assertThat(feed.store.stats().liveSeries()).isEqualTo(3);

        feed.at(3_700_000);
        feed.write();
        feed.nowMillis.addAndGet(3_600_000);
        feed.observe(Metrics.REQUESTS, Metrics.success("new"), feed.nowMillis.get(), 1);
        assertThat(feed.store.stats().overflowObservations()).isEqualTo(7);
    }

    @Test
    void sourcesStayApart_whenAGpuHasTwo() {
        Feed feed = new Feed();
        for (String source : List.of("gpm", "nvml")) {
            feed.observe(Metrics.SM, Metrics.gpu(0).plus(LabelSet.of("source", source)), Metrics.T0, 500_000);
        }
        var answer = feed.store
                .queries()
                .aggregate(Metrics.all(Metrics.SM), Aggregate.Basic.AVG, QueryRange.whole(FROM, FROM.plusSeconds(10)));
        assertThat(answer.groups())
                .extracting(group -> group.labels().get("source").orElse(""))
                .containsExactly("gpm", "nvml");
    }

    private static QueryRange minute() {
        return QueryRange.whole(FROM, FROM.plusSeconds(60));
    }

    @Test
    void negativeSamplesCountInRankShareAndHeatmap_whenTheMetricIsSigned() {
        Feed feed = new Feed();
        for (int each = -5; each <= 4; each++) {
            feed.observe(Metrics.SCORE, LabelSet.of("model", "a"), Metrics.T0, each * 1_000_000L);
        }
        Selection score = Metrics.all(Metrics.SCORE);
        for (int i = 0; i < 2; i++) {
            var values = feed.store
                    .queries()
                    .percentiles(score, Metrics.ps("0", "10", "10.1", "50", "100"), minute())
                    .groups()
                    .getFirst()
                    .points()
                    .getFirst()
                    .value()
                    .values();
            double[] expected = {-5, -5, -4, -1, 4};
            for (int p = 0; p < expected.length; p++) {
                assertThat(values.get(p).estimate()).isCloseTo(expected[p], within(0.005));
            }
            assertThat(estimate(feed, score, new Aggregate.ShareBelow(0), minute()))
                    .isEqualTo(0.5);
            assertThat(estimate(feed, score, new Aggregate.ShareAbove(-1), minute()))
                    .isEqualTo(0.5);
            Answer.Heatmap map = feed.store.queries().heatmap(score, minute(), 6);
            assertThat(map.bounds()).isSorted();
            assertThat(map.bounds().getFirst()).isLessThanOrEqualTo(-5.0);
            assertThat(map.counts().groups().getFirst().points().getFirst().value().stream()
                            .mapToLong(Long::longValue)
                            .sum())
                    .isEqualTo(10);
            feed.at(60_000);
            feed.write();
        }
    }

    private static double estimate(Feed feed, Selection selection, Aggregate aggregate, QueryRange range) {
        return feed.store
                .queries()
                .aggregate(selection, aggregate, range)
                .groups()
                .getFirst()
                .points()
                .getFirst()
                .value()
                .estimate();
    }

    @Test
    void everyConditionMustHold_whenALabelIsNamedTwiceNegatedOrAbsent() {
        Feed feed = new Feed();
        for (String pool : List.of("chat-a", "chat-b", "batch")) {
            feed.observe(Metrics.TOKENS, LabelSet.of("model", "m", "pool", pool), Metrics.T0, 1);
        }
        feed.observe(Metrics.TOKENS, LabelSet.of("model", "m"), Metrics.T0, 1);

        assertThat(count(feed, new LabelMatcher("pool", List.of("chat-*"), true)))
                .as("neither chat pool; a series without the label has none")
                .isEqualTo(2);
        assertThat(count(
                        feed,
                        new LabelMatcher("pool", List.of("chat-*"), false),
                        new LabelMatcher("pool", List.of("*-b"), true)))
                .isEqualTo(1);
        assertThat(count(feed, new LabelMatcher("pool", List.of("chat-a", "batch"), false)))
                .isEqualTo(2);
    }

    private static long count(Feed feed, LabelMatcher... where) {
        Selection selection =
                new Selection(Metrics.TOKENS, List.of(where), List.of(), Across.DEFAULT, Optional.empty());
        return (long) estimate(feed, selection, Aggregate.Basic.COUNT, minute());
    }

    @Test
    void gaugesThatAddUpAreSummedAndOthersMerged_unlessAcrossSaysOtherwise() {
        Feed feed = new Feed();
        for (int gpu = 0; gpu < 3; gpu++) {
            feed.observe(Metrics.POWER, Metrics.gpu(gpu), Metrics.T0 + 1, 1);
            feed.observe(Metrics.POWER, Metrics.gpu(gpu), Metrics.T0 + 2 + gpu, (gpu + 1) * 100_000L);
            feed.observe(Metrics.TEMPERATURE, Metrics.gpu(gpu), Metrics.T0 + 2 + gpu, (gpu + 1) * 10_000L);
        }
        Selection power = Metrics.all(Metrics.POWER);

        assertThat(estimate(feed, power, Aggregate.Basic.LAST, minute())).isEqualTo(600.0);
        assertThat(estimate(feed, Metrics.across(power, Across.AVG), Aggregate.Basic.LAST, minute()))
                .isCloseTo(200.0, within(1e-9));
        assertThat(estimate(feed, Metrics.across(power, Across.MIN), Aggregate.Basic.LAST, minute()))
                .isEqualTo(100.0);
        assertThat(estimate(feed, Metrics.across(power, Across.MERGE), Aggregate.Basic.LAST, minute()))
                .as("the newest of all")
                .isEqualTo(300.0);
        assertThat(estimate(feed, Metrics.all(Metrics.TEMPERATURE), Aggregate.Basic.AVG, minute()))
                .isCloseTo(20.0, within(1e-9));
    }

    @Test
    void stepStandsOnTheUtcGrid_whenItIsLongerThanTheRangeOrTheRangeIsAhead() {
        Feed feed = new Feed();
        feed.observe(Metrics.TOKENS, Metrics.success("a"), Metrics.T0, 7);
        QueryRange shorter = QueryRange.stepped(FROM.plusSeconds(5), FROM.plusSeconds(25), Duration.ofHours(1));
        var answer = feed.store.queries().aggregate(Metrics.all(Metrics.TOKENS), Aggregate.Basic.SUM, shorter);

        assertThat(answer.from()).isEqualTo(Instant.parse("2026-01-05T12:00:00Z"));
        assertThat(answer.to()).isEqualTo(Instant.parse("2026-01-05T13:00:00Z"));
        assertThat(answer.groups().getFirst().points()).hasSize(1);
        assertThat(answer.groups().getFirst().points().getFirst().value().estimate())
                .as("the open window is in it")
                .isEqualTo(7.0);

        QueryRange ahead = QueryRange.whole(FROM.plusSeconds(86_400), FROM.plusSeconds(90_000));
        assertThat(feed.store
                        .queries()
                        .aggregate(Metrics.all(Metrics.TOKENS), Aggregate.Basic.SUM, ahead)
                        .groups())
                .isEmpty();
    }
}
