package io.inferwatch.api.cli;

import io.inferwatch.api.app.Sidecar;
import io.inferwatch.api.app.Signals;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * The signals of one run. Watched before the start begins: one that comes during it is kept until there is a sidecar to
 * stop or to reload.
 */
final class Termination {
    private final CountDownLatch asked = new CountDownLatch(1);
    private boolean isReloadKept;
    private @Nullable Sidecar running;

    private Termination() {}

    static Termination watched() {
        Termination termination = new Termination();
        Signals.onTerminate(termination.asked::countDown);
        Signals.onHangUp(termination::reload);
        return termination;
    }

    private void reload() {
        Sidecar sidecar = runningOrKeep();
        if (sidecar != null) {
            sidecar.reload();
        }
    }

    private synchronized @Nullable Sidecar runningOrKeep() {
        isReloadKept = running == null;
        return running;
    }

    /** @return whether a reload was asked for before */
    private synchronized boolean runs(Sidecar sidecar) {
        running = sidecar;
        return isReloadKept;
    }

    /** Returns after the first SIGTERM or SIGINT. */
    void await(Sidecar sidecar) {
        if (runs(sidecar)) {
            sidecar.reload();
        }
        try {
            asked.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
