package io.inferwatch.collector.cost.hosted;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Optional;

/**
 * What GPUs and electricity cost here.
 *
 * @param gpuHourUsd of one GPU for one hour, rented or written off; empty: not said, so nothing has a price
 * @param isPowerIncluded whether that hour pays for the electricity
 * @param kwhUsd of a kilowatt-hour
 * @param powerUsageEffectiveness what the building draws for each joule a GPU draws, ≥ 1
 * @param gridGramsPerKwh CO₂ of a kilowatt-hour; empty: not said
 * @param weights of the token classes; empty: as measured
 */
public record Tariff(
        Optional<BigDecimal> gpuHourUsd,
        boolean isPowerIncluded,
        BigDecimal kwhUsd,
        BigDecimal powerUsageEffectiveness,
        Optional<BigDecimal> gridGramsPerKwh,
        Optional<TokenWeights> weights) {
    private static final MathContext DIGITS = MathContext.DECIMAL128;
    private static final BigDecimal SECONDS_PER_HOUR = BigDecimal.valueOf(3_600);
    private static final BigDecimal JOULES_PER_KWH = BigDecimal.valueOf(3_600_000);

    public Tariff {
        if (powerUsageEffectiveness.compareTo(BigDecimal.ONE) < 0) {
            throw new IllegalArgumentException(
                    "a power usage effectiveness of " + powerUsageEffectiveness.toPlainString()
                            + " is below 1: a building draws no less than what stands in it");
        }
        requireNotNegative("a GPU hour", gpuHourUsd.orElse(BigDecimal.ZERO));
        requireNotNegative("a kilowatt-hour", kwhUsd);
        requireNotNegative("the CO₂ of a kilowatt-hour", gridGramsPerKwh.orElse(BigDecimal.ZERO));
    }

    private static void requireNotNegative(String what, BigDecimal value) {
        if (value.signum() < 0) {
            throw new IllegalArgumentException(what + " cannot be " + value.toPlainString() + "; write 0 or more");
        }
    }

    /** Dollars for GPUs being there; empty where an hour has no price. */
    Optional<BigDecimal> capacityUsd(BigDecimal gpuSeconds) {
        return gpuHourUsd.map(price -> price.multiply(gpuSeconds).divide(SECONDS_PER_HOUR, DIGITS));
    }

    /** Dollars for what they drew; 0 where the hour pays for it. */
    BigDecimal energyUsd(BigDecimal joules) {
        return isPowerIncluded ? BigDecimal.ZERO : kilowattHours(joules).multiply(kwhUsd, DIGITS);
    }

    /** Grams of CO₂; empty where the grid's are not said. */
    public Optional<BigDecimal> co2Grams(BigDecimal joules) {
        return gridGramsPerKwh.map(grams -> kilowattHours(joules).multiply(grams, DIGITS));
    }

    /** Of the building, not of the GPU alone. */
    private BigDecimal kilowattHours(BigDecimal joules) {
        return joules.multiply(powerUsageEffectiveness).divide(JOULES_PER_KWH, DIGITS);
    }
}
