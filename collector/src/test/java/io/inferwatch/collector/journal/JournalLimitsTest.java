package io.inferwatch.collector.journal;

import static io.inferwatch.collector.journal.JournalFixture.append;
import static io.inferwatch.collector.journal.JournalFixture.tryAppend;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferwatch.collector.Journal.Appended;
import io.inferwatch.collector.testing.RecordedHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When the journal refuses, and how it comes back. */
class JournalLimitsTest {
    private static final String LARGE = "x".repeat(1 << 20);

    @TempDir
    Path data = Path.of("");

    private JournalFixture fixture = new JournalFixture(data);

    @BeforeEach
    void prepare() {
        fixture = new JournalFixture(data);
    }

    @Test
    void configurationOutOfRangeIsRefused_namingTheKey() {
        JournalConfig usual = JournalConfig.DEFAULT;
        assertThatThrownBy(() -> new JournalConfig(usual.ack(), Duration.ZERO, usual.maxBytes(), 0))
                .hasMessageContaining("journal.sync_every: 0ms");
        assertThatThrownBy(() -> new JournalConfig(usual.ack(), usual.syncEvery(), 5, 0))
                .hasMessageContaining("journal.max_bytes: 5 bytes");
        assertThatThrownBy(() -> new JournalConfig(usual.ack(), usual.syncEvery(), usual.maxBytes(), -1))
                .hasMessageContaining("journal.min_free_bytes: -1");
    }

    @Test
    void appendIsABug_beforeTheNumbersInUseAreKnown() throws IOException {
        try (ChronicleJournal journal = fixture.openUnnumbered(JournalFixture.SMALL)) {
            assertThatThrownBy(() -> tryAppend(journal, "a")).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void gapToTheDatabaseIsCounted_andKnownToReaders() throws IOException {
        try (ChronicleJournal journal = fixture.open()) {
            append(journal, "a");
        }
        try (ChronicleJournal journal = fixture.openUnnumbered(JournalFixture.SMALL)) {
            journal.raiseSequenceAbove(50);
            assertThat(journal.stats().lostRecords()).isEqualTo(49);
            assertThat(append(journal, "b")).isEqualTo(51);
            RecordedHandler read = RecordedHandler.readAll(journal, 1);
            assertThat(read.sequences).containsExactly(1L, 51L);
            assertThat(read.lost).isEqualTo(49);
            assertThat(journal.stats().lostRecords()).isEqualTo(49);
        }
    }

    @Test
    void fullJournalRefuses_untilFilesAreReleased() throws IOException {
        try (ChronicleJournal journal = fixture.open()) {
            Appended last = fill(journal);
            assertThat(last).isInstanceOf(Appended.Full.class);
            assertThat(((Appended.Full) last).retryAfter()).isPositive();
            long taken = journal.lastSequence();
            assertThat(taken).isBetween(12L, 16L);
            assertThat(journal.stats().bytesOnDisk()).isLessThanOrEqualTo(16 << 20);
            int before = fixture.segments().size();
            journal.releaseBelow(5);
            assertThat(fixture.segments()).hasSizeLessThan(before);
            assertThat(append(journal, LARGE)).isEqualTo(taken + 1);
            assertThat(RecordedHandler.readAll(journal, 5).sequences)
                    .startsWith(5L)
                    .endsWith(taken + 1);
        }
    }

    @Test
    void fullJournalGoesOn_whenAllOfItIsReleased() throws IOException {
        try (ChronicleJournal journal = fixture.open()) {
            for (int round = 0; round < 3; round++) {
                assertThat(fill(journal)).isInstanceOf(Appended.Full.class);
                journal.releaseBelow(journal.lastSequence() + 1);
            }
            long next = append(journal, LARGE);
            assertThat(RecordedHandler.readAll(journal, next).sequences).containsExactly(next);
        }
    }

    @Test
    void releasedFilesAreNotLost_afterARestartEither() throws IOException {
        long last;
        try (ChronicleJournal journal = fixture.open()) {
            last = append(journal, LARGE);
            last = append(journal, LARGE);
            last = append(journal, LARGE);
            journal.releaseBelow(last);
        }
        try (ChronicleJournal journal = fixture.open()) {
            RecordedHandler read = RecordedHandler.readAll(journal, 1);
            assertThat(read.sequences).endsWith(last).hasSizeLessThan(3);
            assertThat(read.lost).isZero();
            assertThat(journal.stats().lostRecords()).isZero();
            assertThat(journal.lastSequence()).isEqualTo(last);
        }
    }

    @Test
    void currentFileIsNeverDeleted() throws IOException {
        try (ChronicleJournal journal = fixture.open()) {
            append(journal, "a");
            journal.releaseBelow(100);
            assertThat(fixture.segments()).hasSize(1);
            assertThat(append(journal, "b")).isEqualTo(2);
        }
    }

    @Test
    void lowDiskRefuses_untilHalfAsMuchAgainIsFree() throws IOException {
        try (ChronicleJournal journal = fixture.open()) {
            append(journal, "a");
            free(200);
            Appended refused = tryAppend(journal, "b");
            assertThat(refused).isInstanceOf(Appended.Failed.class);
            assertThat(((Appended.Failed) refused).reason()).isEqualTo("disk: 200 MiB free, 256 MiB needed");
            assertThat(((Appended.Failed) refused).retryAfter()).isPositive();
            assertThat(journal.stats().failure()).startsWith("disk:");
            free(300);
            assertThat(tryAppend(journal, "b")).isInstanceOf(Appended.Failed.class);
            free(385);
            assertThat(append(journal, "b")).isEqualTo(2);
            assertThat(journal.stats().freeBytes()).hasValue(385L << 20);
            assertThat(journal.stats().failure()).isEmpty();
        }
    }

    private void free(long mebibytes) {
        fixture.freeBytes.set(mebibytes << 20);
        fixture.clock.advance(Duration.ofMillis(200));
    }

    @Test
    void brokenDiskRefuses_andAppendsGoOnWhenItIsWhole() throws IOException {
        try (ChronicleJournal journal = fixture.open()) {
            append(journal, "a");
            journal.syncStep();
            Path aside = fixture.directory.resolveSibling("aside");
            Files.move(fixture.directory, aside);
            Files.writeString(fixture.directory, "in the way");
            fixture.clock.advance(Duration.ofSeconds(2));
            Appended refused = tryAppend(journal, "b");
            assertThat(refused).isInstanceOf(Appended.Failed.class);
            assertThat(((Appended.Failed) refused).reason()).contains("append failed");
            assertThat(journal.stats().failure()).contains("append failed");
            Files.delete(fixture.directory);
            Files.move(aside, fixture.directory);
            assertThat(tryAppend(journal, "b")).as("not tried before its time").isInstanceOf(Appended.Failed.class);
            fixture.clock.advance(Duration.ofSeconds(2));
            assertThat(append(journal, "b")).isEqualTo(2);
            assertThat(journal.stats().failure()).isEmpty();
            RecordedHandler read = RecordedHandler.readAll(journal, 1);
            assertThat(read.payloads).containsExactly("a", "b");
            assertThat(read.lost).isZero();
        }
    }

    @Test
    void appendsGoOn_whenTheClockStepsBackOverARoll() throws IOException {
        List<Duration> steps = List.of(Duration.ofSeconds(-2), Duration.ofDays(-3650), Duration.ofHours(1));
        try (ChronicleJournal journal = fixture.open()) {
            for (Duration step : steps) {
                append(journal, LARGE);
                fixture.clock.advance(Duration.ofSeconds(1));
                fixture.clock.step(step);
                append(journal, LARGE);
            }
        }
        fixture.clock.step(Duration.ofDays(-3650));
        try (ChronicleJournal journal = fixture.open()) {
            append(journal, LARGE);
            RecordedHandler read = RecordedHandler.readAll(journal, 1);
            assertThat(read.sequences).hasSize(7);
            assertThat(read.lost).isZero();
            assertThat(read.receivedEpochMillis).isSorted();
            assertThat(fixture.segments()).hasSizeGreaterThan(3);
        }
    }

    @Test
    void timeGoesOn_whileTheWallClockIsBehind() throws IOException {
        try (ChronicleJournal journal = fixture.open()) {
            long before = journal.nowEpochMillis();
            fixture.clock.step(Duration.ofHours(-1));
            fixture.clock.advance(Duration.ofSeconds(7));
            assertThat(journal.nowEpochMillis()).isEqualTo(before + 7_000);
            fixture.clock.step(Duration.ofHours(2));
            assertThat(journal.nowEpochMillis()).isEqualTo(fixture.clock.millis());
        }
    }

    @Test
    void recordsAreFoundByTimeAndNumber_overManySegments() throws IOException {
        try (ChronicleJournal journal = fixture.open()) {
            long start = journal.nowEpochMillis();
            for (int i = 0; i < 8; i++) {
                append(journal, LARGE);
                fixture.clock.advance(Duration.ofSeconds(10));
            }
            assertThat(journal.firstSequenceReceivedSince(start + 35_000)).isEqualTo(5);
            assertThat(RecordedHandler.readAll(journal, 6).sequences).containsExactly(6L, 7L, 8L);
        }
    }

    private static Appended fill(ChronicleJournal journal) {
        Appended appended = tryAppend(journal, LARGE);
        while (appended instanceof Appended.Taken) {
            appended = tryAppend(journal, LARGE);
        }
        return appended;
    }
}
