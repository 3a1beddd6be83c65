package io.inferwatch.histograms.store;

import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts rows that could not be read, and says so: the first of them at length. Any thread. */
final class Corruption {
    private static final Logger LOG = LoggerFactory.getLogger(Corruption.class);
    private final AtomicLong rows = new AtomicLong();

    void found(String table, long id, RuntimeException why) {
        if (rows.getAndIncrement() == 0) {
            LOG.error("database: row {} of {} is damaged and left out; further ones are only counted", id, table, why);
        }
    }

    long rows() {
        return rows.get();
    }
}
