package io.inferwatch.histograms;

import io.inferwatch.collector.cost.hosted.EnergyFit;
import io.inferwatch.collector.cost.hosted.EnergyShares;
import io.inferwatch.collector.cost.hosted.HostedBill;
import io.inferwatch.collector.cost.hosted.TokenCount;
import io.inferwatch.collector.cost.hosted.TokenWeights;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What the tokens of one model server cost over a range, on the GPUs that serve it.
 *
 * @param server its label; empty: the GPUs that serve no server by name
 * @param fit what a token needs, or why that cannot be told
 * @param bill empty where a GPU hour has no price
 * @param co2Grams empty where the grid's are not said
 * @param energy the meter, handed down to the models
 */
public record HostedCost(
        String server,
        Metered metered,
        List<Model> models,
        EnergyFit fit,
        Weighing weighing,
        Optional<HostedBill> bill,
        Optional<BigDecimal> co2Grams,
        EnergyShares energy) {
    public HostedCost {
        models = List.copyOf(models);
    }

    /**
     * What the GPUs' own meters say.
     *
     * @param gpuSeconds for how long how many GPUs were read
     * @param microjoules of the boards, host and building left out
     * @param busyRatio the share of that time a kernel ran, 0–1; empty where no GPU says so
     */
    public record Metered(int gpus, BigDecimal gpuSeconds, long microjoules, OptionalDouble busyRatio) {
        public BigDecimal joules() {
            return BigDecimal.valueOf(microjoules, 6);
        }
    }

    /** @param residencySeconds how long its requests took, summed */
    public record Model(String model, TokenCount tokens, double residencySeconds) {}

    /** The weights in force, and where they come from. */
    public record Weighing(TokenWeights weights, Origin origin) {}

    public enum Origin {
        CONFIGURED,
        /** By the time the GPUs were busy for each. */
        MEASURED,
        CONVENTION
    }

    public TokenCount tokens() {
        return models.stream().map(Model::tokens).reduce(TokenCount.NONE, TokenCount::plus);
    }
}
