package io.inferwatch.collector.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.testing.RecordedHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the disk holds after a stop of the machine is the directory as it was at the last sync. */
class MachineStopTest {
    private static final Duration BETWEEN_RECORDS = Duration.ofMillis(20);

    @TempDir
    Path data = Path.of("");

    private JournalFixture before = new JournalFixture(data);
    private JournalFixture onDisk = new JournalFixture(data);

    @BeforeEach
    void prepare() {
        before = new JournalFixture(data.resolve("before"));
        onDisk = new JournalFixture(data.resolve("disk"));
        onDisk.bootId = "boot-2";
    }

    private void append(ChronicleJournal journal, int records) {
        for (int i = 0; i < records; i++) {
            before.clock.advance(BETWEEN_RECORDS);
            JournalFixture.fill(journal, 1);
        }
    }

    private void stopMachine() {
        copy(before.directory, onDisk.directory);
        onDisk.clock.advance(Duration.ofMinutes(1));
    }

    private static void copy(Path from, Path to) {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path each : all.toList()) {
                Path target = to.resolve(from.relativize(each).toString());
                Files.createDirectories(target.getParent());
                Files.copy(each, target);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void lossOfTheTailIsCountedFromAbove_whenTheMachineStops() throws IOException {
        int unsynced = 5;
        try (ChronicleJournal journal = before.open()) {
            append(journal, 200);
            journal.syncStep();
            stopMachine();
            append(journal, unsynced);
        }
        try (ChronicleJournal journal = onDisk.open()) {
            assertThat(journal.lastSequence()).isEqualTo(200);
            assertThat(RecordedHandler.readAll(journal, 1).payloads).hasSize(200);
            // 200 ms at a record every 20 ms: twice what a sync brings to disk.
            assertThat(journal.stats().lostUnsyncedAtMost()).isEqualTo(11).isGreaterThanOrEqualTo(unsynced);
            assertThat(journal.stats().lostRecords()).isZero();
        }
    }

    @Test
    void lossIsCountedExactlyToo_whereTheDatabaseKnowsOfIt() throws IOException {
        try (ChronicleJournal journal = before.open()) {
            append(journal, 20);
            journal.syncStep();
            stopMachine();
            append(journal, 3);
        }
        try (ChronicleJournal journal = onDisk.openUnnumbered(JournalFixture.SMALL)) {
            journal.raiseSequenceAbove(23);
            assertThat(journal.stats().lostRecords()).isEqualTo(3);
            assertThat(JournalFixture.append(journal, "next")).isEqualTo(24);
        }
    }

    @Test
    void lossIsToldOnce_whenTheNextStartFollowsAClose() throws IOException {
        try (ChronicleJournal journal = before.open()) {
            append(journal, 2);
            journal.syncStep();
            stopMachine();
        }
        try (ChronicleJournal journal = onDisk.open()) {
            assertThat(journal.stats().lostUnsyncedAtMost()).isEqualTo(2);
        }
        onDisk.bootId = "boot-3";
        try (ChronicleJournal journal = onDisk.open()) {
            assertThat(journal.stats().lostUnsyncedAtMost()).isZero();
        }
    }

    @Test
    void nothingIsLost_whenOnlyTheProcessDies() throws IOException {
        try (ChronicleJournal journal = before.open()) {
            append(journal, 20);
            stopMachine();
        }
        onDisk.bootId = before.bootId;
        try (ChronicleJournal journal = onDisk.open()) {
            assertThat(journal.stats().lostUnsyncedAtMost()).isZero();
            assertThat(journal.lastSequence()).isEqualTo(20);
        }
    }

    @Test
    void nothingIsLost_whenNobodyIsToldBeforeTheDiskHasIt() throws IOException {
        try (ChronicleJournal journal = before.open()) {
            append(journal, 20);
            journal.syncStep();
            stopMachine();
        }
        try (ChronicleJournal journal = onDisk.open(JournalFixture.STRICT)) {
            assertThat(journal.stats().lostUnsyncedAtMost()).isZero();
        }
    }

    @Test
    void nothingIsSaid_whereBootsCannotBeToldApart() throws IOException {
        before.bootId = "";
        onDisk.bootId = "";
        try (ChronicleJournal journal = before.open()) {
            append(journal, 20);
            stopMachine();
        }
        try (ChronicleJournal journal = onDisk.open()) {
            assertThat(journal.stats().lostUnsyncedAtMost()).isZero();
        }
    }
}
