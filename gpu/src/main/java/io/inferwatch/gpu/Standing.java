package io.inferwatch.gpu;

import java.util.List;
import java.util.Optional;

/** What one poll says about the GPU as a whole. */
sealed interface Standing {

    /**
     * It answers.
     *
     * @param trouble a field that failed, and how; empty when none did
     */
    record Answering(Optional<String> trouble) implements Standing {}

    /** It is there no more, or answers nothing but errors. */
    record Lost(int code) implements Standing {}

    /** The driver itself is gone, and with it every handle. */
    record DriverGone(int code) implements Standing {}

    /** It answers other users. */
    record Forbidden() implements Standing {}

    /** The gravest thing said by any reading: driver gone, GPU lost, then nothing but errors, then nothing but refusals. */
    static Standing of(List<FieldReading> readings) {
        Optional<Standing> fatal = readings.stream()
                .flatMap(reading -> code(reading.reading()).stream())
                .flatMap(code -> fatal(code).stream())
                .findFirst();
        return fatal.orElseGet(() -> common(readings));
    }

    /** What this code says when it answers any call; empty when it speaks of that call alone. */
    static Optional<Standing> fatal(int code) {
        if (NvmlCode.isDriverGone(code)) {
            return Optional.of(new DriverGone(code));
        }
        return NvmlCode.isGpuLost(code) ? Optional.of(new Lost(code)) : Optional.empty();
    }

    private static Standing common(List<FieldReading> readings) {
        boolean answers = readings.stream().map(FieldReading::reading).anyMatch(Standing::isAlive);
        Optional<FieldReading> failed = readings.stream()
                .filter(reading -> code(reading.reading()).isPresent())
                .findFirst();
        if (!answers && failed.isPresent()) {
            return new Lost(code(failed.get().reading()).orElseThrow());
        }
        boolean refused = readings.stream().anyMatch(reading -> reading.reading() instanceof Reading.NoPermission<?>);
        if (!answers && refused) {
            return new Forbidden();
        }
        return new Answering(failed.map(reading -> reading.field().metric() + ": "
                + NvmlCode.text(code(reading.reading()).orElseThrow())));
    }

    private static boolean isAlive(Reading<?> reading) {
        return reading instanceof Reading.Value<?> || reading instanceof Reading.Stale<?>;
    }

    private static Optional<Integer> code(Reading<?> reading) {
        return reading instanceof Reading.Failed<?>(int code) ? Optional.of(code) : Optional.empty();
    }
}
