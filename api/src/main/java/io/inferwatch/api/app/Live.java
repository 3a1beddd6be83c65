package io.inferwatch.api.app;

import io.inferwatch.rules.yaml.Problem;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the HTTP server can see of the sidecar: nothing until it is ready, nothing once it stops. Any thread. */
public final class Live {
    private volatile @Nullable Parts parts;
    private volatile Supplier<List<Problem>> reload = List::of;
    private volatile String absence = "starting: the journal is being replayed";

    /** @throws NotReadyException before the start has ended and after the stop has begun */
    public Parts parts() {
        Parts now = parts;
        if (now == null) {
            throw new NotReadyException(absence);
        }
        return now;
    }

    public boolean isReady() {
        return parts != null;
    }

    /** Why there is nothing to see. */
    public String absence() {
        return absence;
    }

    /**
     * Re-reads the rules.
     *
     * @return what is wrong; empty: what was read is in force
     */
    public List<Problem> reload() {
        parts();
        return reload.get();
    }

    void ready(Parts now, Supplier<List<Problem>> reloading) {
        reload = reloading;
        parts = now;
    }

    void stopping() {
        absence = "stopping";
        parts = null;
    }
}
