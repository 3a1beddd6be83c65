package io.inferwatch.notifier.outbox;

import io.inferwatch.histograms.store.DatabaseWriter;
import io.inferwatch.notifier.Changes;
import io.inferwatch.notifier.DeliveryRecord;
import io.inferwatch.notifier.HistoryFilter;
import io.inferwatch.notifier.Outbox;
import io.inferwatch.notifier.PastAlert;
import io.inferwatch.notifier.channel.Endpoint;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * The outbox in H2 or PostgreSQL. Each call is one transaction on the store's thread, reads too: they are bounded and go
 * by an index. A row is replaced by deleting and inserting it, which both databases do alike and which may be repeated.
 *
 * <p>The tables come from {@code db/migration/notifier/<h2|postgresql>}.
 */
public final class JdbcOutbox implements Outbox {
    private final DatabaseWriter database;

    public JdbcOutbox(DatabaseWriter database) {
        this.database = database;
    }

    @Override
    public CompletableFuture<Void> write(Changes changes) {
        return database.urgently("alert state and outbox", connection -> {
                    StateTables.write(connection, changes);
                    RecordTables.write(connection, changes);
                    OrderTables.write(connection, changes);
                    return true;
                })
                .thenAccept(done -> {});
    }

    @Override
    public CompletableFuture<Stored> load(Function<String, Optional<Endpoint>> endpoints) {
        return database.urgently(
                "reading alert state and outbox",
                connection -> new Stored(
                        StateTables.states(connection),
                        StateTables.conversations(connection, endpoints),
                        OrderTables.orders(connection)));
    }

    @Override
    public CompletableFuture<List<DeliveryRecord>> recentDeliveries(int limit) {
        int most = Math.clamp(limit, 1, HistoryFilter.MAX_LIMIT);
        return database.urgently("reading the delivery log", connection -> RecordTables.deliveries(connection, most));
    }

    @Override
    public CompletableFuture<List<PastAlert>> alertHistory(HistoryFilter filter) {
        return database.urgently("reading the alert history", connection -> RecordTables.history(connection, filter));
    }

    @Override
    public CompletableFuture<Map<String, Map<String, Long>>> delivered(Instant since) {
        return database.urgently("counting deliveries", connection -> RecordTables.delivered(connection, since));
    }
}
