package io.inferwatch.api.cli;

import io.inferwatch.api.app.Sidecar;
import io.inferwatch.api.app.Signals;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The signals of one run. Watched before the start begins: one that comes during it is kept until there is a sidecar to
 * stop or to reload.
 */
final class Termination {
    private final CountDownLatch asked = new CountDownLatch(1);
    private final AtomicBoolean isReloadKept = new AtomicBoolean();
    private final AtomicReference<@Nullable Sidecar> running = new AtomicReference<>();

    private Termination() {}

    static Termination watched() {
        Termination termination = new Termination();
        Signals.onTerminate(termination.asked::countDown);
        Signals.onHangUp(termination::reload);
        return termination;
    }

    private void reload() {
        Sidecar sidecar = running.get();
        if (sidecar == null) {
            isReloadKept.set(true);
        } else {
            sidecar.reload();
        }
    }

    /** Returns after the first SIGTERM or SIGINT. */
    void await(Sidecar sidecar) {
        running.set(sidecar);
        if (isReloadKept.compareAndSet(true, false)) {
            sidecar.reload();
        }
        try {
            asked.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
