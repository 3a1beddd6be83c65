package io.inferwatch.histograms.store;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts rows that could not be read and files put aside, and says so: the first row at length. Any thread. */
final class Corruption {
    private static final Logger LOG = LoggerFactory.getLogger(Corruption.class);
    private final AtomicLong rows = new AtomicLong();
    private volatile Optional<Database.Loss> loss = Optional.empty();
    private volatile boolean isUnwritable;

    void found(String table, long id, RuntimeException why) {
        if (rows.getAndIncrement() == 0) {
            LOG.error("database: row {} of {} is damaged and left out; further ones are only counted", id, table, why);
        }
    }

    /** The file that stood here could not be read. */
    void putAside(Database.Loss what) {
        loss = Optional.of(what);
    }

    /** The damage lies where new windows are to be written. */
    void unwritable() {
        isUnwritable = true;
    }

    long rows() {
        return rows.get();
    }

    /** Damaged rows, and the file put aside at the start. */
    long count() {
        return rows() + (loss.isPresent() ? 1 : 0);
    }

    /** What is wrong, what became of it, and what to do; empty while nothing is. */
    Optional<String> inWords() {
        if (isUnwritable) {
            return Optional.of("the database file is damaged and takes no more windows; restart: the file is then put"
                    + " aside as *.corrupt-* and the journal replayed into a new one");
        }
        if (rows() > 0) {
            return Optional.of(
                    rows() + " damaged rows of the database are left out of answers, new windows are written as"
                            + " before; check the disk, and where what is lost matters start on the last backup");
        }
        return loss.map(put -> "the database could not be read at the start; it lies at " + put.quarantined()
                + " and a new one was begun");
    }
}
