package io.inferwatch.gpu.simulated;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What one simulated GPU has used up and moved so far: rates added up from question to question. Any thread. */
final class SimulatedCounters {
    /** A counter that nobody asked for so long goes on from now: a demo that was paused has not worked meanwhile. */
    private static final Duration LONGEST_STEP = Duration.ofMinutes(1);

    private final Rates rates;
    private @Nullable Instant lastAt;
    private Totals totals = new Totals(0, 0, 0, 0, 0, 0);

    /** What a GPU does at a moment, by the second. */
    @FunctionalInterface
    interface Rates {
        Totals at(Instant moment);
    }

    /** Amounts, or amounts a second. */
    record Totals(
            double joules,
            double powerCapSeconds,
            double pcieTxBytes,
            double pcieRxBytes,
            double nvlinkTxBytes,
            double nvlinkRxBytes) {
        private Totals plus(Totals rate, double seconds) {
            return new Totals(
                    joules + rate.joules * seconds,
                    powerCapSeconds + rate.powerCapSeconds * seconds,
                    pcieTxBytes + rate.pcieTxBytes * seconds,
                    pcieRxBytes + rate.pcieRxBytes * seconds,
                    nvlinkTxBytes + rate.nvlinkTxBytes * seconds,
                    nvlinkRxBytes + rate.nvlinkRxBytes * seconds);
        }
    }

    SimulatedCounters(Rates rates) {
        this.rates = rates;
    }

    synchronized Totals until(Instant now) {
        Instant last = lastAt;
        if (last == null || now.isAfter(last)) {
            lastAt = now;
        }
        if (last != null && now.isAfter(last)) {
            Duration step = Duration.between(last, now);
            Duration counted = step.compareTo(LONGEST_STEP) > 0 ? LONGEST_STEP : step;
            Instant middle = now.minus(counted.dividedBy(2));
            totals = totals.plus(rates.at(middle), counted.toNanos() / 1e9);
        }
        return totals;
    }
}
