package io.inferwatch.collector.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.Journal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A copy of the journal holds what was acknowledged before it, whatever becomes of the original. */
class JournalCopyTest {
    @TempDir
    Path data = Path.of("");

    private JournalFixture original = new JournalFixture(Path.of(""));
    private JournalFixture copy = new JournalFixture(Path.of(""));

    @BeforeEach
    void place() {
        original = new JournalFixture(data.resolve("original"));
        copy = new JournalFixture(data.resolve("copy"));
    }

    private static List<Long> read(ChronicleJournal journal) {
        List<Long> sequences = new ArrayList<>();
        Journal.Handler handler = new Journal.Handler() {
            @Override
            public void record(long sequence, long receivedEpochMillis, ByteBuffer payload) {
                sequences.add(sequence);
            }

            @Override
            public void lost(long records, String reason) {
                sequences.add(-records);
            }
        };
        try (Journal.Reader reader = journal.reader(1)) {
            while (reader.poll(handler)) {
                assertThat(sequences).hasSizeLessThan(10_000);
            }
        }
        return sequences;
    }

    private static List<Long> numbers(long from, long to) {
        List<Long> numbers = new ArrayList<>();
        for (long number = from; number <= to; number++) {
            numbers.add(number);
        }
        return numbers;
    }

    @Test
    void copyHoldsWhatWasAppendedBefore_andTakesMore() throws IOException {
        try (ChronicleJournal journal = original.open()) {
            JournalFixture.fill(journal, 50);
            journal.linkSealed(copy.directory);
            JournalFixture.fill(journal, 30);
            assertThat(read(journal)).isEqualTo(numbers(1, 80));
        }
        try (ChronicleJournal restored = copy.open()) {
            assertThat(read(restored)).isEqualTo(numbers(1, 50));
            JournalFixture.fill(restored, 5);
            assertThat(read(restored)).isEqualTo(numbers(1, 55));
            assertThat(restored.stats().lostRecords()).isZero();
        }
    }

    @Test
    void copyStaysWhole_whenTheOriginalLetsGo() throws IOException {
        try (ChronicleJournal journal = original.open()) {
            JournalFixture.fill(journal, 20);
            journal.linkSealed(copy.directory);
            JournalFixture.fill(journal, 20);
            journal.releaseBelow(41);
            assertThat(original.segments()).hasSize(1);
        }
        try (ChronicleJournal restored = copy.open()) {
            assertThat(read(restored)).isEqualTo(numbers(1, 20));
        }
    }

    /** The copy knows nothing of an open session: started on another machine it must not look like a power failure. */
    @Test
    void copyMissesNothing_whenItIsOpenedOnAnotherMachine() throws IOException {
        try (ChronicleJournal journal = original.open()) {
            JournalFixture.fill(journal, 20);
            journal.linkSealed(copy.directory);
        }
        copy.bootId = "boot-of-another-machine";
        try (ChronicleJournal restored = copy.open()) {
            assertThat(restored.stats().lostUnsyncedAtMost()).isZero();
        }
    }
}
