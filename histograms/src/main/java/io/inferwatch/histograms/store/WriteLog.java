package io.inferwatch.histograms.store;

import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What became of writes. Logs the first failure of a row of failures at length, and its end; counts the others. */
final class WriteLog {
    private static final Logger LOG = LoggerFactory.getLogger(StoreThread.class);

    private long commits;
    private long nanos;
    private long lastNanos;
    private long failures;
    private Optional<String> lastFailure = Optional.empty();

    synchronized void committed(long tookNanos) {
        commits++;
        nanos += tookNanos;
        lastNanos = tookNanos;
        if (lastFailure.isPresent()) {
            LOG.warn("store: writes succeed again after {} failures in all", failures);
            lastFailure = Optional.empty();
        }
    }

    synchronized void failed(String what, Throwable why) {
        failures++;
        if (lastFailure.isEmpty()) {
            LOG.error("store: {} failed and will be tried again; further failures are only counted", what, why);
        }
        lastFailure = Optional.of(what + ": " + why.getMessage());
    }

    synchronized StoreThread.Stats stats(int waitingUrgent, Database database) {
        return new StoreThread.Stats(
                waitingUrgent,
                commits,
                nanos,
                lastNanos,
                failures,
                lastFailure,
                database.damaged(),
                database.damage(),
                database.shortenedHours());
    }
}
