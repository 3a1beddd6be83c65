package io.inferwatch.collector.journal;

import static io.inferwatch.collector.journal.JournalFixture.append;
import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.Journal.Appended;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalSyncTest {
    @TempDir
    Path data = Path.of("");

    private JournalFixture fixture = new JournalFixture(data);

    @BeforeEach
    void prepare() {
        fixture = new JournalFixture(data);
    }

    @Test
    void diskIsAskedOnce_howeverManyWereAppended() throws IOException {
        try (ChronicleJournal journal = fixture.open()) {
            JournalFixture.fill(journal, 100);
            assertThat(journal.syncStep()).isTrue();
            assertThat(journal.syncs()).isEqualTo(1);
        }
    }

    @Test
    void diskIsLeftAlone_whenNothingIsNew() throws IOException {
        try (ChronicleJournal journal = fixture.open()) {
            assertThat(journal.syncStep()).isFalse();
            append(journal, "a");
            assertThat(journal.syncStep()).isTrue();
            fixture.clock.advance(Duration.ofSeconds(5));
            assertThat(journal.syncStep()).isFalse();
            assertThat(journal.syncs()).isEqualTo(1);
            assertThat(journal.stats().lastSyncAgeNanos()).isZero();
            fixture.clock.advance(Duration.ofSeconds(3));
            assertThat(journal.stats().lastSyncAgeNanos()).isEqualTo(3_000_000_000L);
        }
    }

    @Test
    void segmentsLeftSinceTheLastSyncReachTheDiskToo() throws IOException {
        try (ChronicleJournal journal = fixture.open()) {
            String large = "x".repeat(1 << 20);
            for (int i = 0; i < 3; i++) {
                append(journal, large);
            }
            assertThat(fixture.segments()).hasSizeGreaterThan(1);
            assertThat(journal.syncStep()).isTrue();
            assertThat(journal.syncStep()).isFalse();
        }
    }

    @Test
    void strictAppendReturns_onlyAfterTheSync() throws Exception {
        try (ChronicleJournal journal = fixture.open(JournalFixture.STRICT);
                ExecutorService pool = Executors.newSingleThreadExecutor()) {
            assertThat(journal.isStrict()).isTrue();
            Future<Appended> append = pool.submit(() -> JournalFixture.tryAppend(journal, "a"));
            while (journal.lastSequence() == 0) {
                Thread.onSpinWait();
            }
            assertThat(append.isDone()).isFalse();
            assertThat(journal.syncs()).isZero();
            assertThat(journal.syncStep()).isTrue();
            assertThat(append.get(60, TimeUnit.SECONDS)).isEqualTo(new Appended.Taken(1));
        }
    }

    @Test
    void strictAppendersShareASync_whenTheThreadRuns() throws Exception {
        int threads = 8;
        int each = 50;
        try (ChronicleJournal journal = fixture.open(JournalFixture.STRICT);
                ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            journal.start();
            List<Future<?>> writers = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                writers.add(pool.submit(() -> {
                    for (int i = 0; i < each; i++) {
                        append(journal, "a");
                    }
                }));
            }
            for (Future<?> writer : writers) {
                writer.get(60, TimeUnit.SECONDS);
            }
            assertThat(journal.syncs()).isBetween((long) each, (long) threads * each - 1);
            assertThat(journal.lastSequence()).isEqualTo((long) threads * each);
        }
    }

    @Test
    void strictAppendIsNotAcknowledged_whenTheJournalClosesBeforeTheSync() throws Exception {
        ChronicleJournal journal = fixture.open(JournalFixture.STRICT);
        journal.close();
        assertThat(JournalFixture.tryAppend(journal, "a")).isInstanceOf(Appended.Failed.class);
    }
}
