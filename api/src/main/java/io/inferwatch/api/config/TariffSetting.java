package io.inferwatch.api.config;

import io.inferwatch.collector.catalogue.NearestName;
import io.inferwatch.collector.cost.hosted.Tariff;
import io.inferwatch.collector.cost.hosted.TokenWeights;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The section {@code hosted}: what GPUs and electricity cost here. */
final class TariffSetting {
    static final Tariff NONE =
            new Tariff(Optional.empty(), false, BigDecimal.ZERO, BigDecimal.ONE, Optional.empty(), Optional.empty());

    private static final String WEIGHTS = "hosted.weights";
    private static final List<String> CLASSES = List.of("uncached", "cached", "output");
    /** A longer number is a mistake, and one like 1e999999999 would fill the memory. */
    private static final String NUMBER = "\\d{1,9}(\\.\\d{1,12})?";

    private TariffSetting() {}

    /** @throws IllegalArgumentException naming the key, the value and what may stand there */
    static Tariff read(Configuration configuration) {
        BigDecimal pue = number("hosted.pue", configuration.text("hosted.pue"));
        if (pue.compareTo(BigDecimal.ONE) < 0) {
            throw new IllegalArgumentException("hosted.pue: " + pue.toPlainString()
                    + " is below 1; a building draws no less than what stands in it");
        }
        return new Tariff(
                optional(configuration, "hosted.gpu_hour_usd"),
                configuration.flag("hosted.power_included"),
                number("hosted.kwh_usd", configuration.text("hosted.kwh_usd")),
                pue,
                optional(configuration, "hosted.grid_g_per_kwh"),
                weights(configuration.textMap(WEIGHTS)));
    }

    private static Optional<BigDecimal> optional(Configuration configuration, String key) {
        return configuration.optionalText(key).map(text -> number(key, text));
    }

    private static BigDecimal number(String key, String text) {
        if (!text.matches(NUMBER)) {
            throw new IllegalArgumentException(key + ": \"" + text + "\" is no number of 0 or more, such as 2.5");
        }
        return new BigDecimal(text);
    }

    private static Optional<TokenWeights> weights(Map<String, String> weights) {
        if (weights.isEmpty()) {
            return Optional.empty();
        }
        for (String key : weights.keySet()) {
            if (!CLASSES.contains(key)) {
                throw new IllegalArgumentException(WEIGHTS + ": unknown class \"" + key + "\""
                        + NearestName.among(CLASSES, key)
                                .map(near -> "; did you mean \"" + near + "\"?")
                                .orElse("; known are " + CLASSES));
            }
        }
        for (String name : CLASSES) {
            if (!weights.containsKey(name)) {
                throw new IllegalArgumentException(WEIGHTS + ": " + name
                        + " is missing; write all three, such as {uncached: 1, cached: 0.1, output: 5}");
            }
        }
        BigDecimal output = number(WEIGHTS + ".output", weights.getOrDefault("output", ""));
        if (output.signum() == 0) {
            throw new IllegalArgumentException(
                    WEIGHTS + ".output: 0 would make output free; write a weight above 0, such as 5");
        }
        return Optional.of(new TokenWeights(
                number(WEIGHTS + ".uncached", weights.getOrDefault("uncached", "")),
                number(WEIGHTS + ".cached", weights.getOrDefault("cached", "")),
                output));
    }
}
