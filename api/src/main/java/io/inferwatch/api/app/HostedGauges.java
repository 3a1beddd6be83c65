package io.inferwatch.api.app;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.Measurement;
import io.inferwatch.collector.SampleMeasurement;
import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.collector.catalogue.MetricCatalogue;
import io.inferwatch.histograms.HostedCost;
import io.inferwatch.histograms.HostedCosts.Report;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Tells once a minute what a token took of the GPUs lately, so that rules can be written on it. Of a server that has served no token
 * there is nothing to tell: its energy over no tokens is no number.
 */
final class HostedGauges {
    /** Long enough for a request to end in the stretch in which most of its energy was drawn. */
    static final Duration STRETCH = Duration.ofMinutes(10);

    private static final Duration EVERY = Duration.ofMinutes(1);
    private static final Metric ENERGY = MetricCatalogue.require("llm.hosted.energy_per_token");
    private static final Metric COST = MetricCatalogue.require("llm.hosted.cost_per_mtok");

    private final Supplier<Report> lately;
    private final Consumer<List<Measurement>> journal;

    /** @param lately over {@link #STRETCH} up to now */
    HostedGauges(Supplier<Report> lately, Consumer<List<Measurement>> journal) {
        this.lately = lately;
        this.journal = journal;
    }

    Duration step() {
        List<Measurement> made = new ArrayList<>();
        for (HostedCost server : lately.get().servers()) {
            long tokens = server.tokens().total();
            if (tokens > 0) {
                LabelSet labels = server.server().isEmpty() ? LabelSet.EMPTY : LabelSet.of("server", server.server());
                BigDecimal joules = server.metered().joules().divide(BigDecimal.valueOf(tokens), MathContext.DECIMAL64);
                made.add(sample(ENERGY, labels, joules));
                server.bill()
                        .flatMap(bill -> bill.usdPerMillionTokens())
                        .ifPresent(usd -> made.add(sample(COST, labels, usd)));
            }
        }
        if (!made.isEmpty()) {
            journal.accept(made);
        }
        return EVERY;
    }

    private static Measurement sample(Metric metric, LabelSet labels, BigDecimal value) {
        long steps = value.multiply(BigDecimal.valueOf(metric.unit().stepsPerUnit()))
                .setScale(0, RoundingMode.HALF_UP)
                .longValue();
        return new SampleMeasurement(metric, labels, steps, OptionalLong.empty(), SampleMeasurement.Origin.UNKNOWN);
    }
}
