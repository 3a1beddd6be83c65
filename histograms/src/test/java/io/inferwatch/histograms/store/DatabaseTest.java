package io.inferwatch.histograms.store;

import static io.inferwatch.histograms.store.WindowStoreContract.T0;
import static io.inferwatch.histograms.store.WindowStoreContract.TTFT_A;
import static io.inferwatch.histograms.store.WindowStoreContract.whole;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferwatch.histograms.Resolution;
import io.inferwatch.histograms.WindowBatch;
import io.inferwatch.histograms.WindowData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init")
class DatabaseTest {
    @TempDir
    Path folder;

    private final InstantSource clock = InstantSource.fixed(Instant.ofEpochMilli(T0));

    private Database.Opened open() {
        return Database.open(StoreConfig.DEFAULT, "", folder, clock);
    }

    private Path file() {
        return folder.resolve("db").resolve("inferwatch.mv.db");
    }

    private void writeOneWindow() {
        try (Database database = open().database()) {
            JdbcWindowStore store = new JdbcWindowStore(database, StoreConfig.DEFAULT);
            store.write(new WindowBatch(List.of(whole(TTFT_A, T0, 1, 1)), 2));
        }
    }

    @Test
    void unreadableFileIsPutAsideAndANewOneBegun() throws IOException {
        for (String damage : List.of("empty", "cut", "zeroed", "garbage")) {
            writeOneWindow();
            byte[] bytes = Files.readAllBytes(file());
            switch (damage) {
                case "empty" -> bytes = new byte[0];
                case "cut" -> bytes = java.util.Arrays.copyOf(bytes, 5_000);
                case "zeroed" -> java.util.Arrays.fill(bytes, (byte) 0);
                case "garbage" -> new Random(7).nextBytes(bytes);
                default -> throw new IllegalStateException(damage);
            }
            Files.write(file(), bytes);
            Database.Opened opened = open();
            try (Database database = opened.database()) {
                assertThat(opened.created()).as(damage).isTrue();
                assertThat(opened.loss()).as(damage).hasValueSatisfying(loss -> {
                    assertThat(loss.quarantined()).exists();
                    assertThat(loss.reason()).isNotBlank();
                });
                assertThat(new JdbcWindowStore(database, StoreConfig.DEFAULT).series("llm.ttft"))
                        .isEmpty();
            }
            Files.delete(file());
            opened.loss().ifPresent(loss -> loss.quarantined().toFile().delete());
        }
    }

    @Test
    void restIsReadAndTheLossTold_whenPagesAreDamagedWhileItRuns() throws IOException, SQLException {
        try (Database filled = open().database()) {
            writeManyWindows(new JdbcWindowStore(filled, StoreConfig.DEFAULT));
        }
        compact();
        try (Database database = open().database()) {
            JdbcWindowStore store = new JdbcWindowStore(database, StoreConfig.DEFAULT);
            store.recover();
            // Changing the size empties H2's page cache, so that reading meets the file.
            database.write("empty the page cache", connection -> {
                try (Statement statement = connection.createStatement()) {
                    return statement.execute("SET CACHE_SIZE 2048");
                }
            });
            zeroAThirtySecond();

            List<Long> starts = new ArrayList<>();
            store.read(
                    List.of(TTFT_A),
                    Resolution.TEN_SECONDS,
                    0,
                    Long.MAX_VALUE,
                    (key, start, data) -> starts.add(start));

            assertThat(starts).as("windows beside the damage").hasSizeBetween(MANY / 2, MANY - 1);
            assertThat(database.damaged()).isPositive();
            assertThat(database.damage())
                    .hasValueSatisfying(
                            words -> assertThat(words).contains("damaged rows", "check the disk", "backup"));
        }
    }

    private static final int MANY = 1_200;

    private static void writeManyWindows(JdbcWindowStore store) {
        Random random = new Random(3);
        for (int i = 0; i < MANY; i++) {
            // Spread over all magnitudes, so that a row is large.
            long[] samples = random.longs(20_000, 1L << 39, 1L << 40)
                    .map(value -> value >>> random.nextInt(30))
                    .toArray();
            store.write(new WindowBatch(List.of(whole(TTFT_A, T0 + i * 10_000L, i + 1, samples)), i + 2));
        }
    }

    /** Without dead space, so that every part of the file holds rows. */
    private void compact() throws SQLException {
        String url =
                "jdbc:h2:file:" + folder.resolve("db").resolve("inferwatch").toAbsolutePath();
        try (Connection connection = DriverManager.getConnection(url, "sa", "");
                Statement statement = connection.createStatement()) {
            statement.execute("SHUTDOWN COMPACT");
        }
    }

    /** Enough for some rows, and little beside the chance that an upper page of their tree lies there. */
    private void zeroAThirtySecond() throws IOException {
        try (FileChannel file = FileChannel.open(file(), StandardOpenOption.WRITE)) {
            long size = file.size();
            file.write(ByteBuffer.allocate((int) (size / 32)), size * 3 / 4);
        }
    }

    @Test
    void fileIsPutAside_whenItTookNoMoreWritesBefore() {
        writeOneWindow();
        try (Database database = open().database()) {
            database.unwritable();
            assertThat(database.damage())
                    .hasValueSatisfying(words -> assertThat(words).contains("restart"));
        }
        Database.Opened opened = open();
        try (Database database = opened.database()) {
            assertThat(opened.loss()).isPresent();
            assertThat(database.damaged()).isEqualTo(1);
            assertThat(database.damage())
                    .hasValueSatisfying(words -> assertThat(words).contains("corrupt-", "new one"));
        }
        try (Database again = open().database()) {
            assertThat(again.damage()).isEmpty();
        }
    }

    @Test
    void failuresAreCountedAndTold_whenTheDatabaseRefuses() {
        try (Database database = open().database()) {
            assertThat(database.stats()).isEqualTo(new Database.Stats(0, Optional.empty()));
            assertThatThrownBy(() -> database.read("nonsense", connection -> {
                        try (var statement = connection.createStatement()) {
                            return statement.execute("SELECT * FROM nowhere");
                        }
                    }))
                    .isInstanceOf(StoreException.class);

            assertThat(database.stats().failures()).isEqualTo(1);
            assertThat(database.stats().lastFailure())
                    .hasValueSatisfying(why -> assertThat(why).contains("nonsense", "NOWHERE"));
        }
    }

    @Test
    void fileIsKept_whenItIsWhole() {
        writeOneWindow();
        Database.Opened opened = open();
        try (Database database = opened.database()) {
            assertThat(opened.created()).isFalse();
            assertThat(opened.loss()).isEmpty();
            assertThat(database.sizeBytes()).isPositive();
        }
    }

    @Test
    void newerTablesAreOpened() {
        writeOneWindow();
        try (Database database = open().database()) {
            database.write("newer", connection -> {
                try (var statement = connection.createStatement()) {
                    return statement.executeUpdate("INSERT INTO \"flyway_store\" SELECT \"installed_rank\" + 98, '99',"
                            + " \"description\", \"type\", \"script\", \"checksum\", \"installed_by\","
                            + " \"installed_on\", \"execution_time\", \"success\" FROM \"flyway_store\""
                            + " WHERE \"version\" = '1'");
                }
            });
        }
        try (Database database = open().database()) {
            assertThat(new JdbcWindowStore(database, StoreConfig.DEFAULT).durableCheckpoint())
                    .isEqualTo(2);
        }
    }

    @Test
    void committedWindowsSurviveKillNine() throws IOException, InterruptedException {
        for (int round = 0; round < 3; round++) {
            long acknowledged = runAndKill(200 + round * 300L);
            try (Database database = open().database()) {
                JdbcWindowStore store = new JdbcWindowStore(database, StoreConfig.DEFAULT);
                long checkpoint = store.recover().checkpoint();
                assertThat(checkpoint).isBetween(acknowledged + 1, acknowledged + 2);
                SortedMap<Long, WindowData> windows = new TreeMap<>();
                store.read(
                        List.of(TTFT_A),
                        Resolution.TEN_SECONDS,
                        0,
                        Long.MAX_VALUE,
                        (series, start, data) -> windows.put(start, data));
                assertThat(windows).as("one window a record").hasSize((int) checkpoint - 1);
                assertThat(windows.values()).allMatch(data -> data.count() == 1);
            }
        }
    }

    private long runAndKill(long records) throws IOException, InterruptedException {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledWriter.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        long last = 0;
        try (var lines = child.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("committed ")) {
                    last = Long.parseLong(line.substring(10));
                    if (last >= records) {
                        // Not Process.destroyForcibly: it closes the stream that the last lines stand in.
                        child.toHandle().destroyForcibly();
                    }
                }
            }
        }
        child.waitFor();
        return last;
    }

    @Test
    void tablesAreAtTheNewestVersion_whenMigrated() {
        try (Database database = open().database()) {
            int applied = database.read("version", connection -> {
                try (var statement = connection.createStatement();
                        var version = statement.executeQuery("SELECT MAX(\"version\") FROM \"flyway_store\"")) {
                    return version.next() ? version.getInt(1) : -1;
                }
            });
            assertThat(applied).isEqualTo(Schema.STORE.newestVersion());
        }
    }

    @Test
    void configurationNamesWhatIsWrong() {
        assertThatThrownBy(() -> new StoreConfig("jdbc:mysql:x", "", "", 1L << 30, StoreConfig.DEFAULT.retention()))
                .hasMessageContaining("store.url");
        assertThatThrownBy(() -> new StoreConfig("", "", "", 5, StoreConfig.DEFAULT.retention()))
                .hasMessageContaining("store.max_bytes");
    }
}
