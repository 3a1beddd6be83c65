package io.inferwatch.histograms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.collector.catalogue.MetricCatalogue;
import io.inferwatch.collector.cost.hosted.EnergyFit;
import io.inferwatch.collector.cost.hosted.EnergyShares;
import io.inferwatch.collector.cost.hosted.Tariff;
import io.inferwatch.collector.cost.hosted.TokenCount;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HostedCostsTest {
    private static final long MINUTE = 60_000;
    private static final Metric ENERGY = MetricCatalogue.require("gpu.energy");
    private static final Metric BUSY = MetricCatalogue.require("gpu.utilization");
    private static final Metric INPUT = MetricCatalogue.require("llm.tokens.input");
    private static final Metric CACHED = MetricCatalogue.require("llm.tokens.cached");
    private static final Metric OUTPUT = MetricCatalogue.require("llm.tokens.output");
    private static final Metric LATENCY = MetricCatalogue.require("llm.latency");
    private static final Tariff TARIFF = new Tariff(
            Optional.of(new BigDecimal("3.6")),
            false,
            new BigDecimal("0.36"),
            BigDecimal.ONE,
            Optional.empty(),
            Optional.empty());

    private final Feed feed = new Feed();

    private static LabelSet gpu(int index, String server) {
        LabelSet gpu = LabelSet.of("gpu", "" + index, "uuid", "GPU-" + index);
        return server.isEmpty() ? gpu : gpu.plus(LabelSet.of("server", server));
    }

    private static LabelSet request(String server, String model, String outcome) {
        LabelSet labels = LabelSet.of("model", model, "observer", "push", "outcome", outcome);
        return server.isEmpty() ? labels : labels.plus(LabelSet.of("server", server));
    }

    /** Six readings in the minute. */
    private void meter(int minute, LabelSet gpu, double joules, double busyPercent) {
        for (int i = 0; i < 6; i++) {
            long at = Metrics.T0 + minute * MINUTE + i * 10_000L;
            feed.at(at - Metrics.T0);
            feed.observe(ENERGY, gpu, at, Math.round(joules * 1_000 / 6));
            feed.observe(BUSY, gpu.plus(LabelSet.of("source", "nvml")), at, Math.round(busyPercent * 10_000));
        }
    }

    private void serve(int minute, LabelSet request, long input, long cached, long output, long seconds) {
        long at = Metrics.T0 + minute * MINUTE + 30_000L;
        feed.observe(INPUT, request, at, input);
        feed.observe(CACHED, request, at, cached);
        feed.observe(OUTPUT, request, at, output);
        feed.observe(LATENCY, request, at, seconds * 1_000_000);
    }

    private HostedCosts.Report report(int minutes) {
        feed.at(minutes * MINUTE);
        Instant from = Instant.ofEpochMilli(Metrics.T0);
        return new HostedCosts(feed.store.queries(), TARIFF, () -> Instant.ofEpochMilli(feed.nowMillis.get()))
                .over(from, from.plus(Duration.ofMinutes(minutes)));
    }

    private static long sumMicrojoules(EnergyShares shares) {
        return shares.unattributedMicrojoules()
                + shares.shares().stream()
                        .mapToLong(EnergyShares.Share::loadedMicrojoules)
                        .sum();
    }

    @Test
    void energyAndWeights_areFoundFromHowTheMetersMoveWithTheTraffic() {
        for (int minute = 0; minute < 12; minute++) {
            long input = minute * 7 % 12 * 10_000L;
            long output = minute * 1_000L;
            // Of the two GPUs together: 200 W idle, 0.012 J and 0.6 J a token, 60 µs and 600 µs of a busy GPU.
            double joules = 12_000 + 0.012 * input + 0.6 * output;
            double busyPercent = (60e-6 * input + 600e-6 * output) / 120 * 100;
            meter(minute, gpu(0, "llama"), joules / 2, busyPercent);
            meter(minute, gpu(1, "llama"), joules / 2, busyPercent);
            serve(minute, request("llama", "m", "success"), input + 500, 500, output, 10);
        }
        HostedCost cost = report(12).servers().getFirst();

        assertThat(cost.server()).isEqualTo("llama");
        assertThat(cost.metered().gpus()).isEqualTo(2);
        assertThat(cost.metered().gpuSeconds()).isEqualByComparingTo("1440");
        assertThat(cost.tokens()).isEqualTo(new TokenCount(660_000, 6_000, 66_000));
        assertThat(cost.fit()).isInstanceOf(EnergyFit.Fitted.class);
        EnergyFit.Coefficients needs = ((EnergyFit.Fitted) cost.fit()).coefficients();
        assertThat(needs.idleWatts()).isCloseTo(200, within(0.01));
        assertThat(needs.joulesPerUncached()).isCloseTo(0.012, within(1e-6));
        assertThat(needs.joulesPerOutput()).isCloseTo(0.6, within(1e-5));
        assertThat(cost.weighing().origin()).isEqualTo(HostedCost.Origin.MEASURED);
        assertThat(cost.weighing().weights().output().doubleValue()).isCloseTo(10, within(0.01));
        // 0.4 GPU hours; 12 · 12 kJ + 7.92 kJ + 39.6 kJ at $1e-7 a joule.
        assertThat(cost.bill().orElseThrow().capacityUsd()).isEqualByComparingTo("1.44");
        assertThat(cost.bill().orElseThrow().energyUsd().doubleValue()).isCloseTo(0.0191520, within(1e-8));
        assertThat(cost.metered().busyRatio().orElseThrow()).isCloseTo(79.2 / 1_440, within(1e-5));
        assertThat(sumMicrojoules(cost.energy())).isEqualTo(cost.metered().microjoules());
    }

    @Test
    void twoServers_bearTheirOwnGpusAndModelsShareThem() {
        meter(0, gpu(0, "a"), 9_000, 50);
        meter(0, gpu(1, "b"), 1_200, 5);
        serve(0, request("a", "m1", "success"), 100, 0, 100, 30);
        serve(0, request("a", "m2", "client_abort"), 100, 0, 100, 10);
        serve(0, request("", "m3", "success"), 7, 0, 3, 1);
        HostedCosts.Report report = report(1);

        assertThat(report.servers()).extracting(HostedCost::server).containsExactly("a", "b");
        HostedCost a = report.servers().get(0);
        assertThat(a.fit()).isInstanceOf(EnergyFit.Refused.class);
        assertThat(a.weighing().origin()).isEqualTo(HostedCost.Origin.CONVENTION);
        assertThat(a.energy().shares())
                .as("an abort was there too")
                .containsExactly(
                        new EnergyShares.Share("m1", 0, 6_750_000_000L),
                        new EnergyShares.Share("m2", 0, 2_250_000_000L));
        HostedCost b = report.servers().get(1);
        assertThat(b.energy().unattributedMicrojoules())
                .as("nobody asked b for anything")
                .isEqualTo(1_200_000_000L);
        assertThat(b.bill().orElseThrow().usdPerMillionTokens()).isEmpty();
        assertThat(report.unplacedTokens()).as("of no server by name").isEqualTo(10);
    }

    @Test
    void whereAllGpusStandTogether_theyServedWhateverWasServed() {
        meter(0, gpu(0, ""), 600, 10);
        serve(0, request("a", "m", "success"), 100, 0, 100, 1);
        serve(0, request("", "m", "success"), 50, 0, 50, 1);
        HostedCosts.Report report = report(1);
        assertThat(report.unplacedTokens()).isZero();
        assertThat(report.servers().getFirst().tokens()).isEqualTo(new TokenCount(150, 0, 150));
    }

    @Test
    void minutesWithoutReadings_areNeitherPaidForNorFitted() {
        for (int minute = 0; minute < 9; minute++) {
            if (minute != 4) {
                meter(minute, gpu(0, ""), 6_000, 10);
            }
        }
        // The tenth minute has just begun.
        feed.at(9 * MINUTE + 10_000);
        feed.observe(ENERGY, gpu(0, ""), Metrics.T0 + 9 * MINUTE, 1_000_000);
        Instant from = Instant.ofEpochMilli(Metrics.T0);
        HostedCost cost = new HostedCosts(
                        feed.store.queries(), TARIFF, () -> Instant.ofEpochMilli(feed.nowMillis.get()))
                .over(from, from.plusSeconds(550))
                .servers()
                .getFirst();
        assertThat(cost.metered().gpuSeconds()).isEqualByComparingTo("490");
        assertThat(cost.fit())
                .isEqualTo(new EnergyFit.Refused("the energy meter does not rise with the tokens served"));
    }

    @Test
    void withoutAMeter_thereIsNothingToTell() {
        serve(0, request("a", "m", "success"), 100, 0, 100, 1);
        assertThat(report(1).servers()).isEmpty();
        assertThat(report(1).unplacedTokens()).isEqualTo(200);
    }
}
