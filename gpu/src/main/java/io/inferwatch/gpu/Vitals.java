package io.inferwatch.gpu;

import io.inferwatch.gpu.health.Sign;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

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
        switch (reading.field().metric()) {
            case "gpu.recovery_action" -> signs.put(Sign.RECOVERY_ACTION, value);
            case "gpu.pcie.replays" -> signs.put(Sign.PCIE_REPLAYS, value);
            case "gpu.temperature.margin" -> signs.put(Sign.TEMPERATURE_MARGIN, value);
            default -> {}
        }
    }
}
