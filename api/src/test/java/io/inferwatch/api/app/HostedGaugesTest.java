package io.inferwatch.api.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.inferwatch.collector.SampleMeasurement;
import io.inferwatch.collector.cost.hosted.EnergyFit;
import io.inferwatch.collector.cost.hosted.EnergyShares;
import io.inferwatch.collector.cost.hosted.HostedBill;
import io.inferwatch.collector.cost.hosted.Tariff;
import io.inferwatch.collector.cost.hosted.TokenCount;
import io.inferwatch.collector.cost.hosted.TokenWeights;
import io.inferwatch.histograms.HostedCost;
import io.inferwatch.histograms.HostedCosts.Report;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class HostedGaugesTest {
    private static final TokenCount BUSY = TokenCount.of(40_000_000, 10_000_000, 6_000_000);
    private static final BigDecimal EIGHT_GPU_HOURS = new BigDecimal(8 * 3_600);

    private final List<SampleMeasurement> told = new ArrayList<>();

    private static HostedCost cost(String server, TokenCount tokens, Optional<BigDecimal> gpuHourUsd) {
        Tariff tariff = new Tariff(
                gpuHourUsd, false, new BigDecimal("0.12"), new BigDecimal("1.3"), Optional.empty(), Optional.empty());
        long microjoules = 18_000_000_000_000L;
        return new HostedCost(
                server,
                new HostedCost.Metered(8, EIGHT_GPU_HOURS, microjoules, OptionalDouble.empty()),
                List.of(new HostedCost.Model("m", tokens, 1)),
                new EnergyFit.Refused("too few windows"),
                new HostedCost.Weighing(TokenWeights.CONVENTION, HostedCost.Origin.CONVENTION),
                HostedBill.of(
                        EIGHT_GPU_HOURS, BigDecimal.valueOf(microjoules, 6), tokens, tariff, TokenWeights.CONVENTION),
                Optional.empty(),
                new EnergyShares(List.of(), microjoules));
    }

    private void step(HostedCost... servers) {
        new HostedGauges(
                        () -> new Report(Instant.EPOCH, Instant.EPOCH, Duration.ofMinutes(1), List.of(servers), 0),
                        made -> made.forEach(each -> told.add((SampleMeasurement) each)))
                .step();
    }

    /** Figures worked out with 50 digits: 18 MJ and 20.78 $ over 46 million tokens. */
    @Test
    void whatATokenTakes_isToldByServer() {
        step(cost("chat", BUSY, Optional.of(new BigDecimal("2.5"))), cost("", BUSY, Optional.empty()));

        assertThat(told)
                .extracting(
                        sample -> sample.metric().name(),
                        sample -> sample.labels().asMap().toString(),
                        SampleMeasurement::scaledValue)
                .containsExactly(
                        tuple("llm.hosted.energy_per_token", "{server=chat}", 391_304L),
                        tuple("llm.hosted.cost_per_mtok", "{server=chat}", 451_739_130L),
                        tuple("llm.hosted.energy_per_token", "{}", 391_304L));
    }

    @Test
    void withoutTokensThereIsNoNumber() {
        step(cost("chat", TokenCount.NONE, Optional.of(new BigDecimal("2.5"))));

        assertThat(told).isEmpty();
    }
}
