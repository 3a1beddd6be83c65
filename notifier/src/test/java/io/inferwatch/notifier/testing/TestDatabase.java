package io.inferwatch.notifier.testing;

import io.inferwatch.histograms.store.DatabaseWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** One connection, one transaction a call, on the caller's thread. */
public final class TestDatabase implements DatabaseWriter, AutoCloseable {
    private static final AtomicInteger NEXT = new AtomicInteger();

    private final Connection connection;

    /** Transactions that will be refused. */
    public int failing;

    /** Runs before and after each commit. */
    public @Nullable Runnable aroundCommit;

    private TestDatabase(Connection connection, String dialect) {
        this.connection = connection;
        try {
            try (Statement statement = connection.createStatement()) {
                statement.execute(migration(dialect));
            }
            connection.setAutoCommit(false);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    public static TestDatabase h2() {
        return open("jdbc:h2:mem:notifier" + NEXT.incrementAndGet() + ";DB_CLOSE_DELAY=-1", "h2");
    }

    public static TestDatabase open(String url, String dialect) {
        try {
            return new TestDatabase(DriverManager.getConnection(url), dialect);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final List<String> MIGRATIONS = List.of("V1__notifier.sql", "V2__orders.sql");

    private static String migration(String dialect) {
        StringBuilder all = new StringBuilder();
        for (String name : MIGRATIONS) {
            String path = "/db/migration/notifier/" + dialect + "/" + name;
            try (var in = TestDatabase.class.getResourceAsStream(path)) {
                if (in == null) {
                    throw new IllegalStateException("no " + path);
                }
                all.append(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return all.toString();
    }

    @Override
    public <T> CompletableFuture<T> urgently(String what, Transaction<T> work) {
        if (failing > 0) {
            failing--;
            return CompletableFuture.failedFuture(new SQLException("the database is away"));
        }
        try {
            T result = work.run(connection);
            around();
            connection.commit();
            around();
            return CompletableFuture.completedFuture(result);
        } catch (SQLException e) {
            rollback();
            return CompletableFuture.failedFuture(e);
        } catch (RuntimeException | Error e) {
            rollback();
            throw e;
        }
    }

    private void around() {
        if (aroundCommit != null) {
            aroundCommit.run();
        }
    }

    private void rollback() {
        try {
            connection.rollback();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** How many rows a table has. */
    public int count(String table) {
        try (Statement statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT COUNT(*) FROM " + table)) {
            rows.next();
            return rows.getInt(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
