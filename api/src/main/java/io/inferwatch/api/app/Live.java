package io.inferwatch.api.app;

import io.inferwatch.rules.yaml.Problem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the HTTP server can see of the sidecar: nothing until it is ready, nothing once it stops. Any thread. */
public final class Live {
    private volatile @Nullable Parts parts;
    private volatile @Nullable RulesDesk desk;
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
        return rules().reload();
    }

    /** @throws NotReadyException as {@link #parts} */
    public RulesDesk rules() {
        parts();
        RulesDesk now = desk;
        if (now == null) {
            throw new NotReadyException(absence);
        }
        return now;
    }

    void ready(Parts now, RulesDesk rules) {
        desk = rules;
        parts = now;
    }

    void stopping() {
        absence = "stopping";
        parts = null;
    }
}
