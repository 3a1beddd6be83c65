package io.inferwatch.histograms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inferwatch.collector.Buckets;
import io.inferwatch.collector.LabelSet;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class BracketsTest {
    /** vLLM's time to first token, in µs. */
    private static final double[] TTFT = micros(
            .001, .005, .01, .02, .04, .06, .08, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560);

    private static final double[] ITL =
            micros(.01, .025, .05, .075, .1, .15, .2, .3, .4, .5, .75, 1, 2.5, 5, 7.5, 10, 20, 40, 80);
    /** Bounds that no whole number of steps has. */
    private static final double[] TGI = tgi();

    private static final List<String> PS = List.of("0", "1", "10", "25", "50", "75", "90", "95", "99", "99.9", "100");

    private static double[] micros(double... seconds) {
        return Arrays.stream(seconds)
                .map(s -> BigDecimal.valueOf(s).movePointRight(6).doubleValue())
                .toArray();
    }

    private static double[] tgi() {
        double[] bounds = new double[35];
        for (int i = 0; i < bounds.length; i++) {
            bounds[i] = 100 * Math.pow(1.5, i + 1);
        }
        return bounds;
    }

    static Buckets buckets(double[] bounds, double... values) {
        long[] counts = new long[bounds.length + 1];
        double sum = 0;
        for (double value : values) {
            int at = Arrays.binarySearch(bounds, value);
            counts[at >= 0 ? at : -at - 1]++;
            sum += value;
        }
        return new Buckets(bounds, counts, OptionalDouble.of(sum));
    }

    private static double[] values(Random random) {
        int shape = random.nextInt(4);
        double scale = Math.pow(10, 2 + random.nextDouble() * 7);
        double[] values = new double[1 + random.nextInt(400)];
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (shape) {
                case 0 -> scale * Math.exp(random.nextGaussian());
                case 1 -> scale * random.nextDouble();
                case 2 -> scale * (random.nextInt(20) == 0 ? 50 : 1);
                default -> 0;
            };
        }
        return values;
    }

    private static double trueAt(double[] sorted, String p) {
        int rank = new BigDecimal(p)
                .multiply(BigDecimal.valueOf(sorted.length))
                .movePointLeft(2)
                .setScale(0, java.math.RoundingMode.CEILING)
                .intValueExact();
        return sorted[Math.max(1, rank) - 1];
    }

    private static void assertCovers(String as, Bracket bracket, double truth) {
        double slack = 1e-9 * Math.max(1, truth);
        assertThat(bracket.lo()).as(as).isLessThanOrEqualTo(truth + slack);
        assertThat(bracket.hi()).as(as).isGreaterThanOrEqualTo(truth - slack);
        assertThat(bracket.estimate()).as(as).isBetween(bracket.lo(), bracket.hi());
    }

    @RepeatedTest(300)
    void everyTruePercentile_liesInItsBracket_whateverWasMergedWithWhat() {
        long seed = ThreadLocalRandom.current().nextLong();
        Random random = new Random(seed);
        Brackets all = new Brackets(List.of());
        double[] everything = new double[0];
        int windows = 1 + random.nextInt(4);
        for (int i = 0; i < windows; i++) {
            double[] bounds = List.of(TTFT, ITL, TGI).get(random.nextInt(random.nextBoolean() ? 1 : 3));
            double[] values = values(random);
            all = all.plus(Brackets.of(buckets(bounds, values)));
            int before = everything.length;
            everything = Arrays.copyOf(everything, before + values.length);
            System.arraycopy(values, 0, everything, before, values.length);
        }
        double[] sorted = everything.clone();
        Arrays.sort(sorted);
        WindowData stored = WindowData.decode(WindowData.ofBrackets(all, 5).encoded());
        assertThat(stored.asBrackets()).as("seed %d", seed).isEqualTo(all);
        for (String p : PS) {
            assertCovers("seed " + seed + " p" + p, all.percentile(new BigDecimal(p)), trueAt(sorted, p));
        }
        double mean = Arrays.stream(sorted).average().orElseThrow();
        double deviation = Math.sqrt(Arrays.stream(sorted)
                .map(v -> (v - mean) * (v - mean))
                .average()
                .orElseThrow());
        assertCovers("seed " + seed + " deviation", all.stddev(), deviation);
        for (double limit : new double[] {1_000, 7_777, 250_000, 1e9}) {
            double above = Arrays.stream(sorted).filter(v -> v > limit).count();
            assertCovers("seed " + seed + " above " + limit, all.countAbove(limit), above);
        }
        assertThat(all.sum().isExact()).isTrue();
        assertThat(all.sum().estimate())
                .as("seed %d", seed)
                .isCloseTo(mean * sorted.length, within(1e-6 * mean * sorted.length));
    }

    /** 99.6 % in one bucket, as a loaded vLLM has it: what a guess within the bucket would tell is not in the data. */
    @Test
    void theSum_narrowsABucketThatHoldsNearlyAll() {
        long[] counts = new long[ITL.length + 1];
        counts[0] = 300;
        counts[1] = 99_640;
        counts[2] = 60;
        Brackets page =
                new Brackets(List.of(BracketPart.of(ITL, counts, 99_640 * 17_300.0 + 300 * 9_000 + 60 * 30_000)));
        Bracket p90 = page.percentile(new BigDecimal("90"));
        assertThat(p90.lo()).isBetween(16_000.0, 17_000.0);
        assertThat(p90.hi()).isEqualTo(25_000.0);
        Bracket p10 = page.percentile(new BigDecimal("10"));
        assertThat(p10.lo()).isEqualTo(10_000.0);
        assertThat(p10.hi()).isBetween(18_000.0, 18_500.0);
    }

    @Test
    void pastTheLastBound_thereIsNoUpperEnd_andTheMeanSaysHowFarItIs() {
        double[] bounds = {30e6};
        Brackets page = new Brackets(List.of(BracketPart.of(bounds, new long[] {23, 77}, 21_370e6)));
        Bracket p50 = page.percentile(new BigDecimal("50"));
        assertThat(p50.lo()).isEqualTo(30e6);
        assertThat(p50.hi()).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(p50.estimate()).isGreaterThan(260e6);
        assertThat(page.max().lo()).isGreaterThan(260e6);
    }

    @Test
    void atABound_theShareIsExact() {
        Brackets page = Brackets.of(buckets(TTFT, 90_000, 240_000, 260_000, 3_000_000));
        assertThat(page.countAbove(250_000)).isEqualTo(Bracket.exact(2));
        assertThat(page.countUpTo(250_000)).isEqualTo(Bracket.exact(2));
        assertThat(page.countAbove(300_000)).isEqualTo(new Bracket(1, 1.8, 2));
    }

    @Test
    void aSumThatContradictsItsBuckets_narrowsNothing() {
        Brackets page = new Brackets(List.of(BracketPart.of(TTFT, countsAt(3, 10), 1)));
        assertThat(page.percentile(new BigDecimal("50")))
                .extracting(Bracket::lo, Bracket::hi)
                .containsExactly(10_000.0, 20_000.0);
    }

    private static long[] countsAt(int bucket, long count) {
        long[] counts = new long[TTFT.length + 1];
        counts[bucket] = count;
        return counts;
    }

    @Test
    void boundsThatCutOnlyEmptyBuckets_mergeIntoOnePart() {
        Brackets some = new Brackets(List.of(BracketPart.of(new double[] {1, 2}, new long[] {0, 3, 0}, 5)));
        Brackets more = new Brackets(List.of(BracketPart.of(new double[] {8, 16}, new long[] {0, 4, 0}, 40)));
        assertThat(some.plus(more).parts()).hasSize(1);
        assertThat(some.plus(more).schema()).startsWith("4-");
        Brackets across = new Brackets(List.of(BracketPart.of(new double[] {1.5}, new long[] {0, 1}, 5)));
        assertThat(some.plus(across).parts()).hasSize(2);
        assertThat(some.plus(across).schema()).isEqualTo("mixed");
    }

    @Test
    void manySetsOfBounds_areReadOverWhatTheyShare_andStayTrue() {
        Brackets all = new Brackets(List.of());
        for (int i = 0; i < 50; i++) {
            all = all.plus(Brackets.of(buckets(new double[] {10 + i, 1_000}, 5, 500, 5_000)));
        }
        assertThat(all.parts()).hasSizeLessThanOrEqualTo(8);
        assertThat(all.count()).isEqualTo(150);
        assertCovers("p50", all.percentile(new BigDecimal("50")), 500);
    }

    @Test
    void damagedRows_areNamed_andNothingElseIsThrown() {
        byte[] good =
                WindowData.ofBrackets(Brackets.of(buckets(TTFT, 1, 2, 3e6)), 9).encoded();
        long seed = ThreadLocalRandom.current().nextLong();
        Random random = new Random(seed);
        for (int run = 0; run < 5_000; run++) {
            byte[] bad = Arrays.copyOf(good, random.nextInt(4) == 0 ? random.nextInt(good.length) : good.length);
            for (int i = 0; i < 3 && bad.length > 1; i++) {
                bad[1 + random.nextInt(bad.length - 1)] = (byte) random.nextInt();
            }
            try {
                assertThat(WindowData.decode(bad).count()).as("seed %d", seed).isPositive();
            } catch (IllegalArgumentException e) {
                assertThat(e).as("seed %d", seed).hasMessageStartingWith("a stored window");
            }
        }
    }

    private static LabelSet scraped(String server) {
        return LabelSet.of("host", "h1", "model", "m", "server", server, "observer", "scrape");
    }

    private static LabelSet pushed(String server) {
        return LabelSet.of("host", "h1", "model", "m", "server", server, "outcome", "success", "observer", "push");
    }

    @Test
    void exactAndBucketedData_areTwoSeriesOfOneAnswer_beforeAndAfterTheyAreWritten() {
        Feed feed = new Feed();
        feed.observe(Metrics.TTFT, pushed("a"), Metrics.T0, 120_000);
        feed.observe(Metrics.TTFT, scraped("b"), Metrics.T0, buckets(TTFT, 90_000, 700_000, 700_000));
        feed.observe(Metrics.TTFT, scraped("b"), Metrics.T0 + 100, buckets(TTFT, 700_000));
        for (int i = 0; i < 2; i++) {
            QueryRange range = QueryRange.whole(
                    Instant.ofEpochMilli(Metrics.T0),
                    Instant.ofEpochMilli(Metrics.T0).plus(Duration.ofMinutes(1)));
            var groups = feed.store
                    .queries()
                    .percentiles(Metrics.all(Metrics.TTFT), Metrics.ps("50"), range)
                    .groups();
            assertThat(groups).hasSize(2);
            assertThat(groups.get(0).provenance()).isEqualTo(new Provenance.Exact());
            assertThat(groups.get(0).points().getFirst().count()).isEqualTo(1);
            assertThat(groups.get(1).provenance()).isInstanceOf(Provenance.Bucketed.class);
            assertThat(groups.get(1).observers()).containsExactly("scrape");
            assertThat(groups.get(1).points().getFirst().count()).isEqualTo(4);
            Bracket p50 = groups.get(1).points().getFirst().value().values().getFirst();
            assertThat(p50.lo()).isLessThanOrEqualTo(700);
            assertThat(p50.hi()).isBetween(700.0, 750.0);
            feed.write();
        }
    }

    @Test
    void ofOneServer_theBestObserverAloneIsHeard() {
        Feed feed = new Feed();
        feed.observe(Metrics.TTFT, pushed("a"), Metrics.T0, 120_000);
        feed.observe(Metrics.TTFT, scraped("a"), Metrics.T0, buckets(TTFT, 90_000, 700_000));
        QueryRange range =
                QueryRange.whole(Instant.ofEpochMilli(Metrics.T0), Instant.ofEpochMilli(Metrics.T0 + 60_000));
        var groups = feed.store
                .queries()
                .percentiles(Metrics.all(Metrics.TTFT), Metrics.ps("50"), range)
                .groups();
        assertThat(groups).hasSize(1);
        assertThat(groups.getFirst().observers()).containsExactly("push");
    }

    /** A sender that names no server may tell of any server of its model. */
    @Test
    void recordsPushedWithoutAServer_andTheScrapeOfTheirModel_countOnce() {
        Feed feed = new Feed();
        feed.observe(Metrics.TTFT, Metrics.success("m"), Metrics.T0, 120_000);
        feed.observe(Metrics.TTFT, scraped("a"), Metrics.T0, buckets(TTFT, 90_000, 700_000));
        LabelSet other = LabelSet.of("host", "h1", "model", "other", "server", "b", "observer", "scrape");
        feed.observe(Metrics.TTFT, other, Metrics.T0, buckets(TTFT, 90_000, 700_000, 700_000));
        QueryRange range =
                QueryRange.whole(Instant.ofEpochMilli(Metrics.T0), Instant.ofEpochMilli(Metrics.T0 + 60_000));
        var groups = feed.store
                .queries()
                .percentiles(Metrics.all(Metrics.TTFT, "model"), Metrics.ps("50"), range)
                .groups();
        assertThat(groups)
                .extracting(
                        group -> group.labels().get("model").orElseThrow(),
                        group -> group.points().getFirst().count())
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("m", 1L), org.assertj.core.groups.Tuple.tuple("other", 3L));
    }

    @Test
    void aRule_seesTheBracket_andTheExactShareAtABound() {
        Feed feed = new Feed();
        SignalQuery p95 = Metrics.over(Metrics.all(Metrics.TTFT), Metrics.p("95"), Duration.ofSeconds(30));
        SignalQuery share =
                Metrics.over(Metrics.all(Metrics.TTFT), new Aggregate.ShareAbove(500), Duration.ofSeconds(30));
        feed.store.retain(List.of(p95, share));
        feed.observe(Metrics.TTFT, scraped("b"), Metrics.T0, buckets(TTFT, 90_000, 300_000, 700_000, 800_000));
        MetricView view = feed.cut();
        Sample.Present bracket = (Sample.Present) view.evaluate(p95).getFirst().sample();
        assertThat(bracket.lo()).isLessThanOrEqualTo(800);
        assertThat(bracket.hi()).isBetween(800.0, 1_000.0);
        assertThat(bracket.isExact()).isFalse();
        assertThat(bracket.provenance()).isInstanceOf(Provenance.Bucketed.class);
        Sample.Present exact = (Sample.Present) view.evaluate(share).getFirst().sample();
        assertThat(exact.isExact()).isTrue();
        assertThat(exact.value()).isEqualTo(0.5);
    }
}
