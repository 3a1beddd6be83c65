package io.inferwatch.collector.cost.hosted;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Optional;

/**
 * What the tokens of a stretch of time cost: the whole bill, split over the classes of tokens by their weights. The parts
 * add up to the bill.
 *
 * @param capacityUsd for GPUs being there
 * @param energyUsd for what they drew, where the hour does not pay for it
 * @param unitUsd of a token of weight 1; empty where no token was counted, so that nothing bears the bill
 */
public record HostedBill(
        BigDecimal capacityUsd,
        BigDecimal energyUsd,
        TokenWeights weights,
        TokenCount tokens,
        Optional<BigDecimal> unitUsd) {
    private static final MathContext DIGITS = MathContext.DECIMAL128;
    private static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);

    /**
     * @param gpuSeconds how long how many GPUs were there
     * @param joules by their meters
     * @return empty where a GPU hour has no price
     */
    public static Optional<HostedBill> of(
            BigDecimal gpuSeconds, BigDecimal joules, TokenCount tokens, Tariff tariff, TokenWeights weights) {
        return tariff.capacityUsd(gpuSeconds).map(capacity -> {
            BigDecimal energy = tariff.energyUsd(joules);
            BigDecimal weighed = weights.weigh(tokens);
            Optional<BigDecimal> unit = weighed.signum() == 0
                    ? Optional.empty()
                    : Optional.of(capacity.add(energy).divide(weighed, DIGITS));
            return new HostedBill(capacity, energy, weights, tokens, unit);
        });
    }

    public BigDecimal totalUsd() {
        return capacityUsd.add(energyUsd);
    }

    public Optional<BigDecimal> usdPerMillionUncached() {
        return unitUsd.map(unit -> unit.multiply(weights.uncached()).multiply(MILLION));
    }

    public Optional<BigDecimal> usdPerMillionCached() {
        return unitUsd.map(unit -> unit.multiply(weights.cached()).multiply(MILLION));
    }

    public Optional<BigDecimal> usdPerMillionOutput() {
        return unitUsd.map(unit -> unit.multiply(weights.output()).multiply(MILLION));
    }

    /** What some of the tokens bear of it. */
    public Optional<BigDecimal> usdOf(TokenCount some) {
        return unitUsd.map(unit -> unit.multiply(weights.weigh(some)));
    }

    /** The bill over all tokens alike. */
    public Optional<BigDecimal> usdPerMillionTokens() {
        return tokens.total() == 0
                ? Optional.empty()
                : Optional.of(totalUsd().multiply(MILLION).divide(BigDecimal.valueOf(tokens.total()), DIGITS));
    }

    /**
     * What was paid for GPUs that did nothing.
     *
     * @param busyRatio the share of time a kernel ran, 0–1
     */
    public BigDecimal idleUsd(double busyRatio) {
        return capacityUsd.multiply(BigDecimal.ONE.subtract(BigDecimal.valueOf(Math.clamp(busyRatio, 0.0, 1.0))));
    }
}
