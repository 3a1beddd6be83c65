package io.inferwatch.histograms;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.BucketedMeasurement;
import io.inferwatch.collector.Measurement;
import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.collector.catalogue.MetricCatalogue;
import io.inferwatch.collector.scrape.PageSource;
import io.inferwatch.collector.scrape.ScrapeTarget;
import io.inferwatch.collector.scrape.Scraper;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A vLLM whose every latency is known, seen only through its page: what is told of it must hold the truth, every time. It
 * counts past a restart and keeps what it counted before it was first read to itself.
 */
class ScrapedTruthTest {
    private static final int PAGES = 30;
    private static final int RESTART_AT = 13;
    private static final List<String> PS = List.of("0", "1", "50", "90", "95", "99", "99.9", "100");
    /** In seconds, as vLLM 0.28 has them. */
    private static final double[] TTFT_BOUNDS = {
        .001, .005, .01, .02, .04, .06, .08, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560
    };

    private static final double[] LATENCY_BOUNDS = {
        .3, .5, .8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680
    };

    /** One histogram of the page, cumulative since the process began. */
    private static final class Family {
        private final String name;
        private final double[] bounds;
        private long[] counts;
        private double sum;

        Family(String name, double[] bounds) {
            this.name = name;
            this.bounds = bounds;
            this.counts = new long[bounds.length + 1];
        }

        void restart() {
            counts = new long[bounds.length + 1];
            sum = 0;
        }

        void observe(double seconds) {
            counts[bucket(seconds)]++;
            sum += seconds;
        }

        private int bucket(double seconds) {
            int bucket = 0;
            while (bucket < bounds.length && seconds > bounds[bucket]) {
                bucket++;
            }
            return bucket;
        }

        /** Where the bucket begins that holds so many milliseconds; a billionth is for the arithmetic. */
        double below(double millis) {
            int bucket = bucket(millis / 1_000);
            return bucket == 0 ? 0 : bounds[bucket - 1] * 1_000 * (1 - 1e-9);
        }

        double above(double millis) {
            int bucket = bucket(millis / 1_000);
            return bucket == bounds.length ? Double.POSITIVE_INFINITY : bounds[bucket] * 1_000 * (1 + 1e-9);
        }

        void print(StringBuilder page) {
            String labels = "engine=\"0\",model_name=\"llama\"";
            page.append("# TYPE ").append(name).append(" histogram\n");
            long below = 0;
            for (int i = 0; i < counts.length; i++) {
                below += counts[i];
                String le = i < bounds.length ? Double.toString(bounds[i]) : "+Inf";
                page.append(name + "_bucket{" + labels + ",le=\"" + le + "\"} " + (double) below + "\n");
            }
            page.append(name + "_count{" + labels + "} " + (double) below + "\n");
            page.append(name + "_sum{" + labels + "} " + sum + "\n");
        }
    }

    private final Feed feed = new Feed();
    private final Family ttft = new Family("vllm:time_to_first_token_seconds", TTFT_BOUNDS);
    private final Family latency = new Family("vllm:e2e_request_latency_seconds", LATENCY_BOUNDS);
    private final List<Double> ttftSeconds = new ArrayList<>();
    private final List<Double> latencySeconds = new ArrayList<>();
    private double processStart = 1.7e9;

    private boolean keep(List<Measurement> measurements) {
        for (Measurement each : measurements) {
            if (each instanceof BucketedMeasurement bucketed) {
                feed.observe(bucketed.metric(), bucketed.labels(), bucketed.epochMillis(), bucketed.added());
            }
        }
        return true;
    }

    private PageSource.Fetched page() {
        StringBuilder page = new StringBuilder("# TYPE process_start_time_seconds gauge\n");
        page.append("process_start_time_seconds ").append(processStart).append('\n');
        ttft.print(page);
        latency.print(page);
        return new PageSource.Fetched.Got(page.toString().getBytes(StandardCharsets.UTF_8), "text/plain");
    }

    /** From quiet to collapse: each load has its own scale and its own tail. */
    private void serve(Random random, double scale, double spread, boolean isSeen) {
        for (int i = random.nextInt(60); i > 0; i--) {
            double first = scale * Math.exp(spread * random.nextGaussian());
            double whole = first + 8 * scale * random.nextDouble();
            ttft.observe(first);
            latency.observe(whole);
            if (isSeen) {
                ttftSeconds.add(first);
                latencySeconds.add(whole);
            }
        }
    }

    private void check(String as, String name, Family family, List<Double> seconds, Duration range) {
        Metric metric = MetricCatalogue.require(name);
        Instant from = Instant.ofEpochMilli(Metrics.T0);
        Queries queries = feed.store.queries();
        QueryRange whole = QueryRange.whole(from, from.plus(range));
        double[] sorted = seconds.stream().mapToDouble(s -> s * 1_000).sorted().toArray();
        Answer.Group<Answer.Percentiles> told = queries.percentiles(
                        Metrics.all(metric), PS.stream().map(BigDecimal::new).toList(), whole)
                .groups()
                .getFirst();
        assertThat(told.provenance()).as(as).isInstanceOf(Provenance.Bucketed.class);
        assertThat(told.points().getFirst().count()).as(as).isEqualTo(sorted.length);
        for (int i = 0; i < PS.size(); i++) {
            Bracket bracket = told.points().getFirst().value().values().get(i);
            double truth = at(sorted, PS.get(i));
            holds(as + " p" + PS.get(i), bracket, truth);
            assertThat(bracket.lo()).as(as + " p" + PS.get(i)).isGreaterThanOrEqualTo(family.below(truth));
            assertThat(bracket.hi()).as(as + " p" + PS.get(i)).isLessThanOrEqualTo(family.above(truth));
        }
        for (double limit : new double[] {100, 333, 2_500, 1e7}) {
            long above = seconds.stream().filter(s -> s * 1_000 > limit).count();
            Bracket share = queries.aggregate(Metrics.all(metric), new Aggregate.ShareAbove(limit), whole)
                    .groups()
                    .getFirst()
                    .points()
                    .getFirst()
                    .value();
            holds(as + " above " + limit, share, (double) above / sorted.length);
        }
    }

    private static double at(double[] sorted, String p) {
        int rank = new BigDecimal(p)
                .multiply(BigDecimal.valueOf(sorted.length))
                .movePointLeft(2)
                .setScale(0, RoundingMode.CEILING)
                .intValueExact();
        return sorted[Math.max(1, rank) - 1];
    }

    /** The sums of the page are doubles: a billionth of the value is theirs. */
    private static void holds(String as, Bracket bracket, double truth) {
        double slack = 1e-9 * Math.max(1, truth);
        assertThat(bracket.lo()).as(as).isLessThanOrEqualTo(truth + slack);
        assertThat(bracket.hi()).as(as).isGreaterThanOrEqualTo(truth - slack);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void everyTruePercentileAndShare_liesBetweenWhatIsTold_whichIsNoWiderThanItsBucket(long seed)
            throws InterruptedException {
        Random random = new Random(seed);
        double scale = Math.pow(10, -2.5 + 3.5 * random.nextDouble());
        double spread = 0.1 + 2 * random.nextDouble();
        Scraper scraper = new Scraper(
                new ScrapeTarget("s1", URI.create("http://127.0.0.1:8000/metrics"), Duration.ofSeconds(5)),
                address -> page(),
                this::keep,
                () -> Instant.ofEpochMilli(feed.nowMillis.get()));
        serve(random, scale, spread, false);
        scraper.step();
        for (int i = 1; i <= PAGES; i++) {
            feed.at(i * 5_000L);
            if (i == RESTART_AT) {
                ttft.restart();
                latency.restart();
                processStart += 100;
            }
            serve(random, scale * (i > 20 ? 9 : 1), spread, true);
            scraper.step();
            if (i % 4 == 0) {
                feed.write();
            }
        }
        Duration all = Duration.ofMinutes(10);
        check("seed " + seed + " ttft", "llm.ttft", ttft, ttftSeconds, all);
        check("seed " + seed + " latency", "llm.latency", latency, latencySeconds, all);
    }
}
