package io.inferwatch.histograms.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.histograms.Mark;
import io.inferwatch.histograms.MarkStore;
import io.inferwatch.histograms.Marks;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JdbcMarkStoreTest {
    private static final Instant NOW = Instant.parse("2026-01-05T12:00:00Z");
    private static final LabelSet M = LabelSet.of("model", "m/1 ä\n", "server", "a=b");

    @TempDir
    Path directory;

    private Database open() {
        return Database.open(StoreConfig.DEFAULT, "", directory, () -> NOW).database();
    }

    private static JdbcMarkStore store(Database database) {
        DatabaseWriter direct = new DatabaseWriter() {
            @Override
            public <T> CompletableFuture<T> urgently(String what, Transaction<T> work) {
                return CompletableFuture.completedFuture(database.write(what, work));
            }
        };
        return new JdbcMarkStore(database, direct);
    }

    @Test
    void marksOutliveARestart_andDeploysAreInForceAgain() {
        Mark deploy = new Mark(NOW.minusSeconds(60), "deploy", M, "v2 \"quoted\"");
        Mark note = new Mark(NOW.minusSeconds(30), "note", LabelSet.EMPTY, "");
        try (Database database = open()) {
            Marks marks = new Marks(store(database), () -> NOW);
            List<Mark> heard = new ArrayList<>();
            marks.onMark(heard::add);
            marks.add(deploy).join();
            marks.add(note).join();
            assertThat(heard).containsExactly(deploy, note);
        }
        try (Database database = open()) {
            Marks marks = new Marks(store(database), () -> NOW);
            assertThat(marks.between(NOW.minusSeconds(61), NOW)).containsExactly(deploy, note);
            assertThat(marks.between(NOW.minusSeconds(59), NOW)).containsExactly(note);
            assertThat(marks.lastDeploy(M, NOW)).contains(deploy.at());
            assertThat(marks.lastDeploy(LabelSet.of("gpu", "0"), NOW))
                    .as("nothing contradicts it")
                    .contains(deploy.at());
            assertThat(marks.lastDeploy(LabelSet.of("model", "other"), NOW)).isEmpty();
            assertThat(marks.lastDeploy(M, NOW.minusSeconds(61))).isEmpty();
        }
    }

    @Test
    void whatWasJustMarkedIsTold_whileTheDatabaseHasNotTakenIt() {
        CompletableFuture<Mark> taken = new CompletableFuture<>();
        List<Mark> rows = new ArrayList<>();
        MarkStore slow = new MarkStore() {
            @Override
            public CompletableFuture<Mark> write(Mark mark) {
                return taken;
            }

            @Override
            public List<Mark> read(Instant from, Instant to, int limit) {
                return List.copyOf(rows);
            }
        };
        Marks marks = new Marks(slow, () -> NOW);
        Mark note = new Mark(NOW, "note", M, "seen");
        marks.note(new Mark(NOW.plusNanos(1), "note", M, "seen"));
        assertThat(marks.between(NOW.minusSeconds(1), NOW.plusSeconds(1))).containsExactly(note);
        assertThat(marks.between(NOW.plusSeconds(1), NOW.plusSeconds(2))).isEmpty();
        rows.add(note);
        assertThat(marks.between(NOW.minusSeconds(1), NOW.plusSeconds(1)))
                .as("it arrived as it was asked for")
                .containsExactly(note);
        taken.complete(note);
        assertThat(marks.between(NOW.minusSeconds(1), NOW.plusSeconds(1))).containsExactly(note);
    }
}
