package io.inferwatch.api.app;

import io.inferwatch.histograms.ApplyLoop;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Whether windows lag so far behind the journal that senders are told to come later. Any thread. */
final class Overload implements BooleanSupplier {
    private static final long MOST_LAG_MILLIS = 30_000;

    private volatile @Nullable ApplyLoop apply;

    void watch(ApplyLoop loop) {
        apply = loop;
    }

    @Override
    public boolean getAsBoolean() {
        ApplyLoop loop = apply;
        return loop != null && loop.lagMillis() > MOST_LAG_MILLIS;
    }
}
