package io.inferwatch.histograms.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.inferwatch.histograms.store.DatabaseWriter.Transaction;
import io.micronaut.transaction.TransactionDefinition;
import io.micronaut.transaction.support.DefaultTransactionDefinition;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one database of the sidecar: H2 in the data directory, or a PostgreSQL. Reads come from any thread and see one
 * consistent moment; writes go through {@link StoreThread}.
 */
public final class Database implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Database.class);
    private static final int CONNECTIONS = 4;

    /**
     * A database that is open.
     *
     * @param created whether it was made just now, empty
     * @param loss what could not be opened and was put aside
     */
    public record Opened(Database database, boolean created, Optional<Loss> loss) {}

    /**
     * A database file that could not be read.
     *
     * @param quarantined where it lies now
     */
    public record Loss(Path quarantined, String reason) {}

    /**
     * What the database says of itself.
     *
     * @param failures reads and writes it refused since it was opened, those included that succeeded when tried again
     * @param lastFailure of them the last, in words
     */
    public record Stats(long failures, Optional<String> lastFailure) {}

    private final DatabaseKind kind;
    private final Optional<H2File> file;
    private final HikariDataSource pool;
    private final Repositories repositories;
    private final TransactionDefinition snapshot;
    private final Corruption corruption = new Corruption();
    private final AtomicLong failures = new AtomicLong();
    private final AtomicLong shortenedHours = new AtomicLong();
    private volatile Optional<String> lastFailure = Optional.empty();
    private volatile long liveBytes = Long.MAX_VALUE;

    Database(DatabaseKind kind, Optional<H2File> file, HikariDataSource pool) {
        this.kind = kind;
        this.file = file;
        this.pool = pool;
        this.repositories = Repositories.over(pool, kind);
        DefaultTransactionDefinition read = new DefaultTransactionDefinition();
        read.setIsolationLevel(kind.oneMoment());
        read.setReadOnly(true);
        this.snapshot = read;
    }

    /**
     * Opens what the configuration names and brings the tables of the window store up to date.
     *
     * @param password for PostgreSQL; empty for none
     * @param dataDirectory H2 lives in its folder {@code db}
     * @throws StoreException when PostgreSQL does not answer, or the disk refuses
     */
    public static Opened open(StoreConfig config, String password, Path dataDirectory, InstantSource clock) {
        return switch (config.kind()) {
            case H2 -> new H2File(dataDirectory.resolve("db"), clock).open();
            case POSTGRES -> openPostgres(config, password);
        };
    }

    private static Opened openPostgres(StoreConfig config, String password) {
        HikariConfig hikari = new HikariConfig();
        hikari.setJdbcUrl(config.url());
        if (!config.username().isEmpty()) {
            hikari.setUsername(config.username());
        }
        if (!password.isEmpty()) {
            hikari.setPassword(password);
        }
        return start(DatabaseKind.POSTGRES, Optional.empty(), hikari, false);
    }

    static Opened start(DatabaseKind kind, Optional<H2File> file, HikariConfig hikari, boolean created) {
        hikari.setPoolName("store");
        hikari.setMinimumIdle(1);
        hikari.setMaximumPoolSize(CONNECTIONS);
        hikari.setConnectionTimeout(5_000);
        HikariDataSource pool;
        try {
            pool = new HikariDataSource(hikari);
        } catch (RuntimeException refused) {
            throw new StoreException("database: cannot open " + kind + ": " + refused.getMessage(), refused);
        }
        try {
            Migrations.apply(pool, kind, Schema.STORE);
            return new Opened(new Database(kind, file, pool), created, Optional.empty());
        } catch (SQLException | RuntimeException refused) {
            pool.close();
            throw new StoreException("database: cannot open " + kind + ": " + refused.getMessage(), refused);
        }
    }

    /**
     * Brings the tables of another module up to date. At start, before anything uses them.
     *
     * @throws StoreException when the database refuses
     */
    public void migrate(Schema schema) {
        try {
            Migrations.apply(pool, kind, schema);
        } catch (SQLException | RuntimeException refused) {
            throw new StoreException("database: cannot bring " + schema + " up to date", refused);
        }
    }

    /**
     * Reads one consistent moment. Any thread.
     *
     * @param what names the work in messages
     * @throws StoreException when the database refuses
     */
    public <T> T read(String what, Transaction<T> work) {
        return run(what, snapshot, work);
    }

    /** One transaction on the writing thread; begun again once when the database had closed under it. */
    <T> T write(String what, Transaction<T> work) {
        try {
            return run(what, TransactionDefinition.DEFAULT, work);
        } catch (ClosedException reopened) {
            return run(what, TransactionDefinition.DEFAULT, work);
        }
    }

    private <T> T run(String what, TransactionDefinition definition, Transaction<T> work) {
        try {
            return repositories.transactions().execute(definition, status -> work.run(status.getConnection()));
        } catch (Exception refused) {
            failures.incrementAndGet();
            String message = "database: " + what + ": " + refused.getMessage();
            lastFailure = Optional.of(message);
            if (isClosed(refused)) {
                LOG.warn("database: closed under \"{}\"; opening it again", what);
                pool.getHikariPoolMXBean().softEvictConnections();
                throw new ClosedException(message, refused);
            }
            throw new StoreException(message, refused);
        }
    }

    /** H2 closes the whole database on its first failed write (90098); every connection to it is dead from then on. */
    private static boolean isClosed(Throwable refused) {
        for (Throwable cause = refused; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && (sql.getErrorCode() == 90098 || sql.getErrorCode() == 90121)) {
                return true;
            }
        }
        return false;
    }

    private static final class ClosedException extends StoreException {
        private static final long serialVersionUID = 1L;

        ClosedException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** Any thread. */
    public Stats stats() {
        return new Stats(failures.get(), lastFailure);
    }

    /** Forces what is committed to the disk. H2 alone needs it: PostgreSQL has done so by the time a commit returns. */
    void sync() {
        if (kind == DatabaseKind.H2) {
            try (Connection connection = pool.getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("CHECKPOINT SYNC");
            } catch (SQLException refused) {
                throw new StoreException("database: sync: " + refused.getMessage(), refused);
            }
        }
    }

    /**
     * Writes a zip with the H2 file as of one moment, while it is written to. Any thread.
     *
     * @return {@code false} for PostgreSQL, which has tools of its own for that: nothing is written then
     * @throws StoreException when the database or the disk refuses
     */
    public boolean copyTo(Path zip) {
        if (kind != DatabaseKind.H2) {
            return false;
        }
        try (Connection connection = pool.getConnection();
                PreparedStatement backup = connection.prepareStatement("BACKUP TO ?")) {
            backup.setString(1, zip.toAbsolutePath().toString());
            backup.execute();
            return true;
        } catch (SQLException refused) {
            throw new StoreException("database: copy to " + zip + ": " + refused.getMessage(), refused);
        }
    }

    /** What the database takes on disk. */
    public long sizeBytes() {
        if (file.isPresent()) {
            return file.get().sizeBytes();
        }
        return read("size", connection -> {
            try (Statement statement = connection.createStatement();
                    ResultSet size = statement.executeQuery("SELECT pg_database_size(current_database())")) {
                return size.next() ? size.getLong(1) : 0L;
            }
        });
    }

    /** A slice of the upkeep of the H2 file. The writing thread. */
    void reuseSpace() {
        if (file.isPresent()) {
            try (Connection connection = pool.getConnection()) {
                H2File.reuseSpace(connection);
            } catch (SQLException refused) {
                throw new StoreException("database: reuse space: " + refused.getMessage(), refused);
            }
        }
    }

    /** What of the file is worth keeping, as far as the window store knows; until it has said so nothing is shrunk. */
    void liveBytes(long bytes) {
        liveBytes = bytes;
    }

    Corruption corruption() {
        return corruption;
    }

    /** Damaged rows found since the start, and the file put aside at it. Any thread. */
    public long damaged() {
        return corruption.count();
    }

    /** What is lost of the database, and what to do; empty while nothing is. Any thread. */
    public Optional<String> damage() {
        return corruption.inWords();
    }

    /** One more hour of windows is dropped before its time. @return how many are */
    long shortened() {
        return shortenedHours.incrementAndGet();
    }

    /** Hours of windows dropped before their time because {@code store.max_bytes} was reached. Any thread. */
    public long shortenedHours() {
        return shortenedHours.get();
    }

    /** The file takes no more writes: it is put aside at the next start. */
    void unwritable() {
        corruption.unwritable();
        file.ifPresent(H2File::putAsideAtNextStart);
    }

    Repositories repositories() {
        return repositories;
    }

    /** Closes it, and shrinks the H2 file first where that is quick and gives back much. */
    @Override
    public void close() {
        file.ifPresent(h2 -> h2.compact(pool, liveBytes));
        repositories.close();
        pool.close();
    }
}
