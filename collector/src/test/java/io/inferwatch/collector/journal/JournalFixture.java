package io.inferwatch.collector.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.Journal.Appended;
import io.inferwatch.collector.testing.SteppedClock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** A journal in a directory, a clock and a disk moved by hand, and ways to damage what lies there. */
final class JournalFixture {
    static final JournalConfig SMALL =
            new JournalConfig(JournalConfig.Ack.PROCESS, JournalConfig.DEFAULT.syncEvery(), 16 << 20, 256 << 20);
    static final JournalConfig STRICT =
            new JournalConfig(JournalConfig.Ack.STRICT, JournalConfig.DEFAULT.syncEvery(), 16 << 20, 256 << 20);

    final Path directory;
    final SteppedClock clock = new SteppedClock(Instant.parse("2026-11-20T12:00:00Z"));
    final AtomicLong freeBytes = new AtomicLong(10L << 30);

    String bootId = "boot-1";

    JournalFixture(Path data) {
        directory = data.resolve("journal");
    }

    ChronicleJournal open() throws IOException {
        return open(SMALL);
    }

    ChronicleJournal open(JournalConfig config) throws IOException {
        ChronicleJournal journal = openUnnumbered(config);
        journal.raiseSequenceAbove(0);
        return journal;
    }

    ChronicleJournal openUnnumbered(JournalConfig config) throws IOException {
        ChronicleJournal.Host host = new ChronicleJournal.Host(freeBytes::get, bootId);
        return ChronicleJournal.open(directory, config, clock, clock::nanos, host);
    }

    static long append(ChronicleJournal journal, String payload) {
        Appended appended = tryAppend(journal, payload);
        assertThat(appended).isInstanceOf(Appended.Taken.class);
        return ((Appended.Taken) appended).sequence();
    }

    static Appended tryAppend(ChronicleJournal journal, String payload) {
        Appended appended = journal.append(StandardCharsets.UTF_8.encode(payload), journal.nowEpochMillis());
        return journal.isStrict() && appended instanceof Appended.Taken taken
                ? journal.awaitDisk(taken.sequence())
                : appended;
    }

    /** Records 1 to n, each with its number in about 100 bytes. */
    static void fill(ChronicleJournal journal, int records) {
        for (int i = 0; i < records; i++) {
            append(journal, payload(journal.lastSequence() + 1));
        }
    }

    static String payload(long sequence) {
        return "record %08d ".formatted(sequence).repeat(6);
    }

    /** Segment directories, oldest first. */
    List<Path> segments() throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(entry ->
                            SegmentName.parse(entry.getFileName().toString()).isPresent())
                    .sorted()
                    .toList();
        }
    }

    List<Path> quarantined() throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(entry -> entry.toString().contains(".corrupt-"))
                    .sorted()
                    .toList();
        }
    }

    static Path queueFile(Path segment) throws IOException {
        return SegmentFiles.queueFile(segment).orElseThrow();
    }

    /** Where this text lies in the file. */
    static long offsetOf(Path file, String text) throws IOException {
        String content = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        int offset = content.indexOf(text);
        assertThat(offset).as("place of %s in %s", text, file).isPositive();
        return offset;
    }

    static void overwrite(Path file, long offset, byte... bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(bytes), offset);
        }
    }
}
