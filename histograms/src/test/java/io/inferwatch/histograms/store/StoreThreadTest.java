package io.inferwatch.histograms.store;

import static io.inferwatch.histograms.store.WindowStoreContract.POWER;
import static io.inferwatch.histograms.store.WindowStoreContract.T0;
import static io.inferwatch.histograms.store.WindowStoreContract.TEN_SECONDS;
import static io.inferwatch.histograms.store.WindowStoreContract.TTFT_A;
import static io.inferwatch.histograms.store.WindowStoreContract.late;
import static io.inferwatch.histograms.store.WindowStoreContract.whole;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferwatch.histograms.ClosedWindow;
import io.inferwatch.histograms.RowSource;
import io.inferwatch.histograms.WindowBatch;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init")
class StoreThreadTest {
    @TempDir
    Path folder;

    private final InstantSource clock = InstantSource.fixed(Instant.ofEpochMilli(T0));
    private final List<String> order = new ArrayList<>();
    private final WaitingRows rows = new WaitingRows();
    private long nanos = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(2);
    private Database database;
    private StoreThread thread;

    @BeforeEach
    void open() throws SQLException {
        database = Database.open(StoreConfig.DEFAULT, "", folder, clock).database();
        database.write("table", connection -> execute(connection, "CREATE TABLE note (text VARCHAR(100) PRIMARY KEY)"));
        rows.real = new JdbcWindowStore(database, StoreConfig.DEFAULT);
        thread = new StoreThread(database, rows, rows.real, clock, () -> nanos);
    }

    @AfterEach
    void close() {
        thread.close();
        database.close();
    }

    private static boolean execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.execute(sql);
        }
    }

    private CompletableFuture<Boolean> note(String text) {
        return thread.urgently("note " + text, connection -> {
            order.add(text);
            return execute(connection, "INSERT INTO note VALUES ('" + text + "')");
        });
    }

    private long notes() {
        return database.read("count", connection -> {
            try (Statement statement = connection.createStatement();
                    ResultSet count = statement.executeQuery("SELECT COUNT(*) FROM note")) {
                return count.next() ? count.getLong(1) : -1;
            }
        });
    }

    private void pass(long millis) {
        nanos += TimeUnit.MILLISECONDS.toNanos(millis);
    }

    private static WindowBatch batch(long checkpoint, ClosedWindow... windows) {
        return new WindowBatch(List.of(windows), checkpoint);
    }

    @Test
    void urgentWorkGoesFirst_inItsOrder() {
        rows.waiting.add(batch(2, whole(TTFT_A, T0, 1, 1)));
        CompletableFuture<Boolean> first = note("a");
        CompletableFuture<Boolean> second = note("b");
        assertThat(thread.doWork()).isEqualTo(2);
        assertThat(first).isCompleted();
        assertThat(second).isCompleted();
        assertThat(order).containsExactly("a", "b");
        thread.doWork();
        assertThat(order).containsExactly("a", "b", "write 1");
        assertThat(thread.doWork()).as("upkeep at most").isLessThanOrEqualTo(1);
    }

    @Test
    void rowsGo_atMostOnceASecond() {
        rows.waiting.add(batch(2, whole(TTFT_A, T0, 1, 1)));
        thread.doWork();
        rows.waiting.add(batch(5, late(POWER, T0, 3, 2), whole(TTFT_A, T0 + TEN_SECONDS, 4, 1)));
        pass(999);
        thread.doWork();
        assertThat(order).containsExactly("write 1");
        pass(1);
        thread.doWork();
        assertThat(order).containsExactly("write 1", "write 2");
        assertThat(rows.real.durableCheckpoint()).isEqualTo(5);
    }

    @Test
    void refusedRowsComeAgain_laterEachTime_andInOrder() {
        rows.refuses = true;
        rows.waiting.add(batch(2, whole(TTFT_A, T0, 1, 1)));
        for (long waitMillis : List.of(250L, 500L, 1_000L)) {
            thread.doWork();
            assertThat(thread.doWork()).as("not before %s ms", waitMillis).isZero();
            pass(waitMillis);
        }
        assertThat(thread.stats().failures()).isEqualTo(3);
        assertThat(thread.stats().lastFailure()).contains("windows: no");
        assertThat(note("in between")).isNotDone();
        rows.waiting.add(batch(3, late(TTFT_A, T0, 2, 5)));
        rows.refuses = false;
        thread.doWork();
        thread.doWork();
        pass(1_000);
        thread.doWork();
        assertThat(thread.stats().lastFailure()).isEmpty();
        assertThat(thread.stats().commits()).isEqualTo(2);
        assertThat(rows.real.durableCheckpoint()).isEqualTo(3);
    }

    @Test
    void urgentWorkFailsAlone_whenItThrowsOrTooMuchWaits() {
        CompletableFuture<Object> failed = thread.urgently("breaks", connection -> {
            execute(connection, "INSERT INTO note VALUES ('half')");
            throw new SQLException("broken");
        });
        CompletableFuture<Boolean> good = note("good");
        thread.doWork();
        assertThatThrownBy(failed::get)
                .isInstanceOf(ExecutionException.class)
                .hasMessageContaining("breaks")
                .hasMessageContaining("broken");
        assertThat(good).isCompleted();
        assertThat(notes()).as("rolled back").isEqualTo(1);
        for (int i = 0; i < StoreThread.MAX_URGENT; i++) {
            assertThat(note("n" + i)).isNotDone();
        }
        assertThat(note("one more")).isCompletedExceptionally();
    }

    @Test
    void allThatWaitsIsWritten_whenStopped() throws InterruptedException {
        thread = new StoreThread(database, rows, rows.real, clock, System::nanoTime);
        thread.start();
        rows.waiting.add(batch(2, whole(TTFT_A, T0, 1, 1)));
        rows.waiting.add(batch(9, whole(TTFT_A, T0 + TEN_SECONDS, 8, 1)));
        CompletableFuture<Boolean> note = note("last");
        assertThat(thread.stop(Duration.ofSeconds(90))).isTrue();
        assertThat(note).isCompleted();
        assertThat(rows.real.durableCheckpoint()).isEqualTo(9);
        assertThat(note("too late")).isCompletedExceptionally();
    }

    @Test
    void urgentWorkIsDoneAtOnce_whileTheThreadRuns() throws Exception {
        thread = new StoreThread(database, rows, rows.real, clock, System::nanoTime);
        thread.start();
        for (int i = 0; i < 20; i++) {
            note("at once " + i).get(60, TimeUnit.SECONDS);
        }
        assertThat(notes()).isEqualTo(20);
    }

    /** Batches that wait for the real store, which can refuse. */
    private final class WaitingRows implements RowSource {
        private final Deque<WindowBatch> waiting = new ArrayDeque<>();
        private JdbcWindowStore real;
        private boolean refuses;

        @Override
        public boolean writeRows() {
            WindowBatch next = waiting.peek();
            if (next == null) {
                return false;
            }
            if (refuses) {
                throw new StoreException("no");
            }
            order.add("write " + next.windows().size());
            real.write(next);
            waiting.remove();
            return true;
        }

        @Override
        public void flush() {
            while (writeRows()) {
                order.add("flushed");
            }
        }
    }
}
