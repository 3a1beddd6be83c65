package io.inferwatch.api.http;

import io.inferwatch.collector.cost.hosted.EnergyFit;
import io.inferwatch.collector.cost.hosted.EnergyShares;
import io.inferwatch.collector.cost.hosted.HostedBill;
import io.inferwatch.collector.cost.hosted.TokenCount;
import io.inferwatch.collector.cost.hosted.TokenWeights;
import io.inferwatch.histograms.HostedCost;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The form of what one server's tokens cost. */
final class HostedCostShape {
    /** Past it a bill is no bill: fifteen digits, as many as every reader's numbers hold. */
    private static final MathContext DIGITS = new MathContext(15);

    private HostedCostShape() {}

    static Map<String, @Nullable Object> of(HostedCost cost) {
        TokenCount tokens = cost.tokens();
        BigDecimal joules = cost.metered().joules();
        Shape shape = Shape.object();
        if (!cost.server().isEmpty()) {
            shape.with("server", cost.server());
        }
        shape.with("gpus", cost.metered().gpus())
                .with("gpu_seconds", cost.metered().gpuSeconds())
                .with("busy_ratio", cost.metered().busyRatio().stream().boxed().findFirst())
                .with("energy_j", joules)
                .with("energy_accuracy", "board, sensor-limited")
                .with("tokens", tokens(tokens))
                .with("j_per_token", per(joules, tokens.total()))
                .with("j_per_output_token", per(joules, tokens.output()))
                .with("co2_g", cost.co2Grams().map(HostedCostShape::number))
                .with("usd", cost.bill().map(bill -> usd(bill, cost.metered())))
                .with("usd_per_mtok", cost.bill().flatMap(HostedCostShape::perMillion))
                .with("weights", weights(cost.weighing()));
        fit(shape, cost.fit());
        return shape.with("models", models(cost))
                .with("unattributed_j", joules(cost.energy().unattributedMicrojoules()))
                .done();
    }

    private static Map<String, @Nullable Object> tokens(TokenCount tokens) {
        return Shape.object()
                .with("uncached", tokens.uncached())
                .with("cached", tokens.cached())
                .with("output", tokens.output())
                .done();
    }

    private static Map<String, @Nullable Object> usd(HostedBill bill, HostedCost.Metered metered) {
        return Shape.object()
                .with("capacity", number(bill.capacityUsd()))
                .with("energy", number(bill.energyUsd()))
                .with("total", number(bill.totalUsd()))
                .with(
                        "idle",
                        metered.busyRatio().stream()
                                .mapToObj(ratio -> number(bill.idleUsd(ratio)))
                                .findFirst())
                .done();
    }

    private static Optional<Map<String, @Nullable Object>> perMillion(HostedBill bill) {
        return bill.usdPerMillionTokens()
                .map(all -> Shape.object()
                        .with("uncached", bill.usdPerMillionUncached().map(HostedCostShape::number))
                        .with("cached", bill.usdPerMillionCached().map(HostedCostShape::number))
                        .with("output", bill.usdPerMillionOutput().map(HostedCostShape::number))
                        .with("all", number(all))
                        .done());
    }

    private static Map<String, @Nullable Object> weights(HostedCost.Weighing weighing) {
        TokenWeights weights = weighing.weights();
        return Shape.object()
                .with("uncached", number(weights.uncached()))
                .with("cached", number(weights.cached()))
                .with("output", number(weights.output()))
                .with("from", weighing.origin().name().toLowerCase(Locale.ROOT))
                .done();
    }

    private static void fit(Shape shape, EnergyFit fit) {
        switch (fit) {
            case EnergyFit.Refused refused -> shape.with("fit_refused", refused.reason());
            case EnergyFit.Fitted fitted ->
                shape.with(
                        "fit",
                        coefficients(fitted.coefficients())
                                .with(
                                        "standard_errors",
                                        coefficients(fitted.standardErrors()).done())
                                .with("r_squared", fitted.rSquared())
                                .with("condition", fitted.condition())
                                .with("windows", fitted.windows())
                                .done());
        }
    }

    private static Shape coefficients(EnergyFit.Coefficients coefficients) {
        return Shape.object()
                .with("idle_w", coefficients.idleWatts())
                .with("j_per_uncached_token", coefficients.joulesPerUncached())
                .with("j_per_output_token", coefficients.joulesPerOutput());
    }

    private static List<Map<String, @Nullable Object>> models(HostedCost cost) {
        List<Map<String, @Nullable Object>> models = new ArrayList<>();
        for (int i = 0; i < cost.models().size(); i++) {
            HostedCost.Model model = cost.models().get(i);
            EnergyShares.Share share = cost.energy().shares().get(i);
            models.add(Shape.object()
                    .with("model", model.model())
                    .with("tokens", tokens(model.tokens()))
                    .with("marginal_j", joules(share.marginalMicrojoules()))
                    .with("loaded_j", joules(share.loadedMicrojoules()))
                    .with(
                            "usd",
                            cost.bill()
                                    .flatMap(bill -> bill.usdOf(model.tokens()))
                                    .map(HostedCostShape::number))
                    .done());
        }
        return models;
    }

    private static Optional<BigDecimal> per(BigDecimal joules, long tokens) {
        return tokens == 0 ? Optional.empty() : Optional.of(joules.divide(BigDecimal.valueOf(tokens), DIGITS));
    }

    private static BigDecimal joules(long microjoules) {
        return BigDecimal.valueOf(microjoules, 6);
    }

    private static BigDecimal number(BigDecimal exact) {
        return exact.round(DIGITS);
    }
}
