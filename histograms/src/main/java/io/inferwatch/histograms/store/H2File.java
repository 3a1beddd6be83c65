package io.inferwatch.histograms.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.Set;
import org.h2.engine.Session;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVStoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The file of the embedded H2. One that cannot be read is put aside and a new one begun: the sidecar always starts. */
final class H2File {
    private static final Logger LOG = LoggerFactory.getLogger(H2File.class);
    private static final DateTimeFormatter SUFFIX =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    /**
     * WRITE_DELAY=0: by default H2 loses acknowledged commits on kill -9. The cache is small because the host belongs to
     * others; what is read often are the newest pages.
     */
    private static final String SETTINGS = ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE;CACHE_SIZE=4096";

    /** Already in use, and the user's own mistakes: the file is fine. */
    private static final Set<Integer> NOT_THE_FILE = Set.of(90020, 28000);

    /** Copying takes about 0.3 s a 100 MB; the sidecar is to stop within ten. */
    private static final long MOST_BYTES_TO_COMPACT = 512L << 20;

    private static final long LEAST_BYTES_TO_COMPACT = 32L << 20;
    /** Chosen by the simulated day: less leaves more dead space, more writes more. */
    private static final int LEAST_FILL_PERCENT = 88;

    private static final int MOVED_AT_ONCE_BYTES = 4 << 20;
    private static final int DATABASE_IS_CLOSED = 90121;

    private final Path folder;
    private final Path path;
    private final Path damaged;
    private final InstantSource clock;

    H2File(Path folder, InstantSource clock) {
        this.folder = folder;
        this.path = folder.resolve("inferwatch.mv.db");
        this.damaged = folder.resolve("inferwatch.damaged");
        this.clock = clock;
    }

    /** Leaves word for the next start that this file is not to be written any more. */
    void putAsideAtNextStart() {
        try {
            Files.writeString(damaged, path.getFileName() + "\n");
        } catch (IOException refused) {
            LOG.warn("database: cannot write {}; remove {} by hand before the next start", damaged, path, refused);
        }
    }

    Database.Opened open() {
        boolean created = !Files.exists(path);
        try {
            Files.createDirectories(folder);
            if (!created && Files.size(path) == 0) {
                throw new StoreException("the file is empty");
            }
            if (!created && Files.exists(damaged)) {
                throw new StoreException("it was found damaged while it was written");
            }
            return start(created);
        } catch (IOException refused) {
            throw new StoreException("database: cannot use " + folder + ": " + refused.getMessage(), refused);
        } catch (StoreException refused) {
            if (created || !isTheFile(refused)) {
                throw refused;
            }
            return quarantineAndStart(refused);
        }
    }

    private Database.Opened start(boolean created) {
        HikariConfig hikari = new HikariConfig();
        hikari.setJdbcUrl("jdbc:h2:file:" + folder.toAbsolutePath().resolve("inferwatch") + SETTINGS);
        hikari.setUsername("sa");
        hikari.setPassword("");
        return Database.start(DatabaseKind.H2, Optional.of(this), hikari, created);
    }

    /** Whether H2 refused because what it read of the file is not what it wrote. */
    static boolean isDamage(Throwable refused) {
        for (Throwable cause = refused; cause != null; cause = cause.getCause()) {
            if (cause instanceof MVStoreException store && store.getErrorCode() == DataUtils.ERROR_FILE_CORRUPT) {
                return true;
            }
        }
        return false;
    }

    private static boolean isTheFile(Throwable refused) {
        for (Throwable cause = refused; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && NOT_THE_FILE.contains(sql.getErrorCode())) {
                return false;
            }
            if (cause instanceof IOException
                    && String.valueOf(cause.getMessage()).contains("No space left")) {
                return false;
            }
        }
        return true;
    }

    private Database.Opened quarantineAndStart(StoreException refused) {
        Path aside = folder.resolve("inferwatch.mv.db.corrupt-" + SUFFIX.format(clock.instant()));
        LOG.error("database: {} cannot be read and is put aside as {}", path, aside, refused);
        try {
            Files.move(path, aside);
            Files.deleteIfExists(damaged);
        } catch (IOException failed) {
            throw new UncheckedIOException("database: cannot put " + path + " aside", failed);
        }
        Database.Opened opened = start(true);
        Database.Loss loss = new Database.Loss(aside, String.valueOf(refused.getMessage()));
        opened.database().corruption().putAside(loss);
        return new Database.Opened(opened.database(), true, Optional.of(loss));
    }

    long sizeBytes() {
        try {
            return Files.size(path);
        } catch (NoSuchFileException gone) {
            return 0;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /**
     * Moves the live pages of the emptiest stretches together, so that their space is used again. H2 does this in a thread
     * of its own that {@code WRITE_DELAY=0} switches off, and offers no statement for it.
     */
    static void reuseSpace(Connection connection) throws SQLException {
        Session session = connection.unwrap(JdbcConnection.class).getSession();
        if (session instanceof SessionLocal local) {
            local.getDatabase().getStore().getMvStore().compact(LEAST_FILL_PERCENT, MOVED_AT_ONCE_BYTES);
        }
    }

    /** Shrinks the file where that is quick and gives back much; H2 alone never does. The pool is dead afterwards. */
    void compact(HikariDataSource pool, long liveBytes) {
        if (liveBytes > MOST_BYTES_TO_COMPACT || sizeBytes() < LEAST_BYTES_TO_COMPACT + 2 * liveBytes) {
            return;
        }
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("SHUTDOWN COMPACT");
        } catch (SQLException closed) {
            if (closed.getErrorCode() != DATABASE_IS_CLOSED) {
                LOG.warn("database: could not shrink {}; it is whole", path, closed);
            }
        }
    }
}
