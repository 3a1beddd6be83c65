package io.inferwatch.histograms.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;

/**
 * The way to the one thread that writes the database. Alert state, outbox and receipts go first and at once; window rows
 * wait their turn.
 */
public interface DatabaseWriter {

    /** Work inside one transaction; an exception rolls it back. */
    @FunctionalInterface
    interface Transaction<T> {
        T run(Connection connection) throws SQLException;
    }

    /**
     * Runs the work in a transaction of its own, before any window row that waits.
     *
     * @param what names the work in messages
     * @return completes when committed; completes exceptionally when the database refused, or the queue is full
     */
    <T> CompletableFuture<T> urgently(String what, Transaction<T> work);
}
