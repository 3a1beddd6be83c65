package io.inferwatch.collector.journal;

import static io.inferwatch.collector.journal.JournalFixture.append;
import static io.inferwatch.collector.journal.JournalFixture.fill;
import static io.inferwatch.collector.journal.JournalFixture.offsetOf;
import static io.inferwatch.collector.journal.JournalFixture.overwrite;
import static io.inferwatch.collector.journal.JournalFixture.payload;
import static io.inferwatch.collector.journal.JournalFixture.queueFile;
import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.testing.RecordedHandler;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever happens to the files: a start, no silence, and every record read or counted. */
class JournalDamageTest {
    private static final int PAGE_BYTES = 4096;

    @TempDir
    Path data = Path.of("");

    private JournalFixture fixture = new JournalFixture(data);

    @BeforeEach
    void prepare() {
        fixture = new JournalFixture(data);
    }

    @Test
    void flippedByteIsCounted_andTheRestIsRead() throws IOException {
        writeAndClose(100);
        Path file = queueFile(fixture.segments().getFirst());
        overwrite(file, offsetOf(file, payload(50)) + 3, (byte) 'X');
        try (ChronicleJournal journal = fixture.open()) {
            RecordedHandler read = RecordedHandler.readAll(journal, 1);
            assertThat(read.sequences).hasSize(99).doesNotContain(50L);
            assertThat(read.lost).isEqualTo(1);
            assertThat(read.reasons).containsExactly("checksum does not fit");
            RecordedHandler again = RecordedHandler.readAll(journal, 1);
            assertThat(again.lost).isEqualTo(1);
            assertThat(journal.stats().lostRecords()).isEqualTo(1);
            assertThat(journal.stats().quarantinedFiles()).isZero();
        }
    }

    @Test
    void numberOfADamagedLastRecordIsNotGivenAgain_whenTheProcessWasKilled() throws IOException {
        writeAndClose(100);
        Path segment = fixture.segments().getFirst();
        Files.delete(segment.resolve("seal"));
        Path file = queueFile(segment);
        overwrite(file, offsetOf(file, payload(100)) + 3, (byte) 'X');
        try (ChronicleJournal journal = fixture.open()) {
            assertThat(append(journal, "next")).isEqualTo(101);
            RecordedHandler read = RecordedHandler.readAll(journal, 99);
            assertThat(read.sequences).containsExactly(99L, 101L);
            assertThat(read.lost).isEqualTo(1);
        }
    }

    @Test
    void wholeRecordWithoutItsDocumentHeaderWasNeverThere_whenTheProcessWasKilled() throws IOException {
        writeAndClose(100);
        Path segment = fixture.segments().getFirst();
        Files.delete(segment.resolve("seal"));
        Path file = queueFile(segment);
        long record = offsetOf(file, payload(100)) - RecordFormat.HEADER_BYTES;
        overwrite(file, record - Integer.BYTES, new byte[Integer.BYTES]);
        try (ChronicleJournal journal = fixture.open()) {
            assertThat(append(journal, "next")).isEqualTo(100);
            RecordedHandler read = RecordedHandler.readAll(journal, 99);
            assertThat(read.sequences).containsExactly(99L, 100L);
            assertThat(read.lost).isZero();
            assertThat(journal.stats().quarantinedFiles()).isZero();
        }
    }

    @Test
    void zeroedPageIsSetAside_andRecordsBehindItAreRead() throws IOException {
        writeAndClose(5000);
        zeroPageAt(fixture.segments().getFirst(), 2000);
        try (ChronicleJournal journal = fixture.open()) {
            RecordedHandler read = assertEverythingReadOrCounted(journal, 5000);
            assertThat(read.lost).isBetween(20L, 45L);
            assertThat(read.reasons).hasSize(1);
            assertThat(read.reasons.getFirst()).contains("is damaged").contains(".corrupt-");
            assertThat(journal.stats().quarantinedFiles()).isEqualTo(1);
        }
        assertThat(fixture.quarantined()).hasSize(1);
        try (ChronicleJournal journal = fixture.open()) {
            assertEverythingReadOrCounted(journal, 5001);
            assertThat(journal.stats().quarantinedFiles()).isZero();
        }
    }

    @Test
    void zeroedPageIsSetAside_whileTheFileIsWritten() throws IOException {
        try (ChronicleJournal journal = fixture.open()) {
            fill(journal, 3000);
            zeroPageAt(fixture.segments().getFirst(), 2000);
            assertEverythingReadOrCounted(journal, 3000);
            assertThat(append(journal, "after")).isEqualTo(3002);
            assertThat(RecordedHandler.readAll(journal, 3002).payloads).containsExactly("after");
            assertThat(fixture.quarantined()).hasSize(1);
        }
    }

    @Test
    void deletedSegmentIsCounted_andTheOthersAreRead() throws IOException {
        for (int i = 0; i < 3; i++) {
            writeAndClose(10);
        }
        SegmentFiles.deleteTree(fixture.segments().get(1));
        try (ChronicleJournal journal = fixture.open()) {
            RecordedHandler read = RecordedHandler.readAll(journal, 1);
            assertThat(read.sequences).hasSize(20);
            assertThat(read.lost).isEqualTo(10);
            assertThat(journal.lastSequence()).isEqualTo(30);
        }
    }

    @Test
    void anotherSegmentIsBegun_whenTheWrittenOneIsDeleted() throws IOException {
        try (ChronicleJournal journal = fixture.open()) {
            fill(journal, 10);
            SegmentFiles.deleteTree(fixture.segments().getFirst());
            fixture.clock.advance(Duration.ofSeconds(2));
            assertThat(append(journal, "after")).isEqualTo(11);
            RecordedHandler read = RecordedHandler.readAll(journal, 1);
            assertThat(read.payloads).containsExactly("after");
            assertThat(read.lost).isEqualTo(10);
            assertThat(journal.stats().lostRecords()).isEqualTo(10);
        }
    }

    @Test
    void readerFinishesAFileThatIsDeletedUnderIt() throws IOException {
        try (ChronicleJournal journal = fixture.open()) {
            fill(journal, 10);
            RecordedHandler handler = new RecordedHandler();
            try (var reader = journal.reader(1)) {
                assertThat(reader.poll(handler)).isTrue();
                SegmentFiles.deleteTree(fixture.segments().getFirst());
                fixture.clock.advance(Duration.ofSeconds(2));
                append(journal, "after");
                handler.drain(reader);
            }
            assertThat(handler.sequences).hasSize(11);
            assertThat(handler.lost).isZero();
        }
    }

    @Test
    void garbageInChroniclesMetadataChangesNothing() throws IOException {
        writeAndClose(100);
        Files.write(fixture.segments().getFirst().resolve("metadata.cq4t"), new byte[PAGE_BYTES]);
        try (ChronicleJournal journal = fixture.open()) {
            assertThat(RecordedHandler.readAll(journal, 1).sequences).hasSize(100);
            assertThat(fixture.quarantined()).isEmpty();
        }
    }

    @Test
    void emptyFileIsSetAside_andTheNumbersGoOnAboveTheDatabase() throws IOException {
        writeAndClose(100);
        Path segment = fixture.segments().getFirst();
        Files.delete(segment.resolve("seal"));
        Files.write(queueFile(segment), new byte[0]);
        try (ChronicleJournal journal = fixture.openUnnumbered(JournalFixture.SMALL)) {
            journal.raiseSequenceAbove(100);
            assertThat(append(journal, "next")).isEqualTo(101);
            assertThat(RecordedHandler.readAll(journal, 1).lost).isEqualTo(100);
            assertThat(journal.stats().lostRecords()).isEqualTo(100);
            assertThat(journal.stats().quarantinedFiles()).isEqualTo(1);
        }
        assertThat(fixture.quarantined()).hasSize(1);
    }

    @Test
    void missingJournalIsBegunAnew_aboveTheDatabase() throws IOException {
        try (ChronicleJournal journal = fixture.openUnnumbered(JournalFixture.SMALL)) {
            journal.raiseSequenceAbove(5000);
            assertThat(journal.lastSequence()).isZero();
            assertThat(append(journal, "next")).isEqualTo(5001);
            RecordedHandler read = RecordedHandler.readAll(journal, 4990);
            assertThat(read.sequences).containsExactly(5001L);
            assertThat(read.lost).isEqualTo(11);
            assertThat(journal.stats().lostRecords()).isEqualTo(5000);
        }
    }

    @Test
    void halfDoneRepairIsSettled_whenOpenedAgain() throws IOException {
        writeAndClose(10);
        Path segment = fixture.segments().getFirst();
        Path copy = segment.resolveSibling(segment.getFileName() + ".repairing");
        Files.createDirectories(copy);
        Files.write(copy.resolve("half.cq4"), new byte[10]);
        try (ChronicleJournal journal = fixture.open()) {
            assertThat(RecordedHandler.readAll(journal, 1).sequences).hasSize(10);
        }
        assertThat(copy).doesNotExist();
        Files.move(segment, copy);
        try (ChronicleJournal journal = fixture.open()) {
            assertThat(RecordedHandler.readAll(journal, 1).sequences).hasSize(10);
        }
    }

    @Test
    void everyRecordIsReadOrCounted_whateverIsDamaged() throws IOException {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("JournalDamageTest seed " + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 25; round++) {
            fixture = new JournalFixture(data.resolve("round" + round));
            writeAndClose(1000);
            String done = damage(fixture.segments().getFirst(), random);
            try (ChronicleJournal journal = fixture.openUnnumbered(JournalFixture.SMALL)) {
                journal.raiseSequenceAbove(1000);
                assertEverythingReadOrCounted(journal, 1000);
            } catch (AssertionError | RuntimeException failure) {
                throw new AssertionError("seed " + seed + " round " + round + ": " + done, failure);
            }
        }
    }

    private static String damage(Path segment, Random random) throws IOException {
        Path file = queueFile(segment);
        int written = 250_000;
        if (random.nextBoolean()) {
            Files.delete(segment.resolve("seal"));
        }
        switch (random.nextInt(4)) {
            case 0 -> {
                int flips = 1 + random.nextInt(64);
                for (int i = 0; i < flips; i++) {
                    overwrite(file, random.nextInt(written), (byte) random.nextInt());
                }
                return flips + " bytes";
            }
            case 1 -> {
                int page = random.nextInt(written / PAGE_BYTES);
                overwrite(file, (long) page * PAGE_BYTES, new byte[PAGE_BYTES]);
                return "zeroed page " + page;
            }
            case 2 -> {
                int page = random.nextInt(written / PAGE_BYTES);
                byte[] garbage = new byte[PAGE_BYTES];
                random.nextBytes(garbage);
                overwrite(file, (long) page * PAGE_BYTES, garbage);
                return "garbage page " + page;
            }
            default -> {
                int length = random.nextInt(written);
                try (RandomAccessFile cut = new RandomAccessFile(file.toFile(), "rw")) {
                    cut.setLength(length);
                }
                return "cut to " + length;
            }
        }
    }

    private void writeAndClose(int records) throws IOException {
        try (ChronicleJournal journal = fixture.open()) {
            fill(journal, records);
        }
    }

    private static void zeroPageAt(Path segment, long sequence) throws IOException {
        Path file = queueFile(segment);
        long page = offsetOf(file, payload(sequence)) / PAGE_BYTES;
        overwrite(file, page * PAGE_BYTES, new byte[PAGE_BYTES]);
    }

    /** A record behind the damage makes what is lost at the end visible. */
    private static RecordedHandler assertEverythingReadOrCounted(ChronicleJournal journal, int records) {
        long sentinel = append(journal, payload(records + 1));
        assertThat(sentinel).isEqualTo(records + 1);
        RecordedHandler read = RecordedHandler.readAll(journal, 1);
        assertThat(read.sequences).isSorted().doesNotHaveDuplicates().contains(sentinel);
        assertThat(read.sequences.size() + read.lost).isEqualTo(records + 1);
        List<String> expected =
                read.sequences.stream().map(JournalFixture::payload).toList();
        assertThat(read.payloads).isEqualTo(expected);
        return read;
    }
}
