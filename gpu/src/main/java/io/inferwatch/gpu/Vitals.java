package io.inferwatch.gpu;

import io.inferwatch.gpu.health.Sign;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which readings of a poll bear on health. Pure. */
final class Vitals {
    private Vitals() {}

    static Map<Sign, Double> of(List<FieldReading> readings) {
        Map<Sign, Double> signs = new EnumMap<>(Sign.class);
        for (FieldReading reading : readings) {
            if (reading.reading() instanceof Reading.Value<Samples>(Samples samples)) {
                put(signs, reading, samples.last());
            }
        }
        return signs;
    }

    private static void put(Map<Sign, Double> signs, FieldReading reading, double value) {
        sign(reading.field().metric(), reading.part()).ifPresent(sign -> signs.merge(sign, value, Double::sum));
    }

    /** @param part what of the metric it is, by {@code kind} or {@code reason} */
    private static Optional<Sign> sign(String metric, Map<String, String> part) {
        return Optional.ofNullable(
                switch (metric) {
                    case "gpu.recovery_action" -> Sign.RECOVERY_ACTION;
                    case "gpu.ecc.errors" -> "uncorrected".equals(part.get("kind")) ? Sign.ECC_UNCORRECTED : null;
                    case "gpu.ecc.sram.threshold_exceeded" -> Sign.SRAM_THRESHOLD;
                    case "gpu.rows.pending" -> Sign.ROWS_PENDING;
                    case "gpu.rows.failed" -> Sign.ROWS_FAILED;
                    case "gpu.pages.pending" -> Sign.PAGES_PENDING;
                    case "gpu.pcie.replays" -> Sign.PCIE_REPLAYS;
                    case "gpu.pcie.generation" -> Sign.PCIE_GENERATION;
                    case "gpu.pcie.width" -> Sign.PCIE_WIDTH;
                    case "gpu.nvlink.links" -> Sign.NVLINK_LINKS;
                    case "gpu.throttle" -> slowdown(part.getOrDefault("reason", ""));
                    case "gpu.temperature.margin" -> Sign.TEMPERATURE_MARGIN;
                    default -> null;
                });
    }

    private static @Nullable Sign slowdown(String reason) {
        return switch (reason) {
            case "hw_thermal" -> Sign.HW_THERMAL_SECONDS;
            case "sw_thermal" -> Sign.SW_THERMAL_SECONDS;
            case "power_brake", "hw_power_brake" -> Sign.POWER_BRAKE_SECONDS;
            default -> null;
        };
    }
}
