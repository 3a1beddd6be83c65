package io.inferwatch.api.cli;

import java.io.PrintStream;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Says on standard error how far long work is, every two seconds: what ends sooner says nothing. One thread. */
final class Progress {
    private static final long EVERY_NANOS = 2_000_000_000L;

    private final PrintStream out;
    private final LongSupplier nanos;
    private long toldNanos;

    /** @param nanos the monotonic clock */
    Progress(PrintStream out, LongSupplier nanos) {
        this.out = out;
        this.nanos = nanos;
        this.toldNanos = nanos.getAsLong();
    }

    /** @param state is asked only when it is to be told */
    void tell(Supplier<String> state) {
        long now = nanos.getAsLong();
        if (now - toldNanos >= EVERY_NANOS) {
            toldNanos = now;
            out.println("inferwatch: " + state.get());
        }
    }
}
