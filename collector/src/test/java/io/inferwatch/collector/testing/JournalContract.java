package io.inferwatch.collector.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferwatch.collector.Journal;
import io.inferwatch.collector.Journal.Appended;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every journal promises. */
public abstract class JournalContract {
    protected final SteppedClock clock = new SteppedClock(Instant.parse("2026-11-20T12:00:00Z"));
    protected Journal journal = new InMemoryJournal(clock);

    /** An empty journal that takes appends, on this clock. */
    protected abstract Journal create() throws Exception;

    /** The same journal after an orderly end. */
    protected abstract Journal reopen() throws Exception;

    @BeforeEach
    void open() throws Exception {
        journal = create();
    }

    @AfterEach
    void close() {
        journal.close();
    }

    protected long append(String payload) {
        return append(journal, payload);
    }

    protected static long append(Journal journal, String payload) {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(payload);
        assertThat(journal.append(bytes, journal.nowEpochMillis())).isInstanceOf(Appended.Taken.class);
        return journal.lastSequence();
    }

    @Test
    void numbersRiseFromOne() {
        ByteBuffer payload = StandardCharsets.UTF_8.encode("a");
        assertThat(journal.lastSequence()).isZero();
        assertThat(journal.append(payload, journal.nowEpochMillis())).isEqualTo(new Appended.Taken(1));
        assertThat(journal.append(payload, journal.nowEpochMillis())).isEqualTo(new Appended.Taken(2));
        assertThat(journal.lastSequence()).isEqualTo(2);
    }

    @Test
    void payloadIsLeftAsItWas_whenAppended() {
        ByteBuffer payload = ByteBuffer.wrap("xpayloadx".getBytes(StandardCharsets.UTF_8));
        payload.position(1).limit(8);
        assertThat(journal.append(payload, journal.nowEpochMillis())).isInstanceOf(Appended.Taken.class);
        assertThat(payload.position()).isEqualTo(1);
        assertThat(payload.limit()).isEqualTo(8);
        assertThat(RecordedHandler.readAll(journal, 1).payloads).containsExactly("payload");
    }

    @Test
    void payloadsComeBack_whateverTheirSize() {
        String large = "0123456789abcdef".repeat((8 << 20) / 16);
        List<String> payloads = List.of("", "a", "ab", "abc", "abcd", large, "x".repeat(3 << 20), "end");
        payloads.forEach(this::append);
        RecordedHandler read = RecordedHandler.readAll(journal, 1);
        assertThat(read.sequences).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L);
        assertThat(read.payloads.equals(payloads)).isTrue();
        assertThat(read.lost).isZero();
    }

    @Test
    void payloadOverEightMebibytesIsRefused() {
        ByteBuffer tooLarge = ByteBuffer.allocate((8 << 20) + 1);
        assertThatThrownBy(() -> journal.append(tooLarge, journal.nowEpochMillis()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("8388609");
        assertThat(journal.lastSequence()).isZero();
    }

    @Test
    void readerBeginsAtItsNumber() {
        LongStream.rangeClosed(1, 10).forEach(n -> append("r" + n));
        assertThat(RecordedHandler.readAll(journal, 8).payloads).containsExactly("r8", "r9", "r10");
        assertThat(RecordedHandler.readAll(journal, 11).payloads).isEmpty();
        assertThat(RecordedHandler.readAll(journal, 0).sequences).hasSize(10);
    }

    @Test
    void readerGoesOn_whenMoreIsAppended() {
        RecordedHandler handler = new RecordedHandler();
        try (Journal.Reader reader = journal.reader(1)) {
            assertThat(reader.poll(handler)).isFalse();
            append("a");
            assertThat(reader.poll(handler)).isTrue();
            assertThat(reader.poll(handler)).isFalse();
            append("b");
            assertThat(reader.poll(handler)).isTrue();
        }
        assertThat(handler.payloads).containsExactly("a", "b");
        assertThat(handler.lost).isZero();
    }

    @Test
    void receiveTimesNeverFall_whenToldOutOfOrder() {
        long now = journal.nowEpochMillis();
        journal.append(StandardCharsets.UTF_8.encode("a"), now + 5);
        journal.append(StandardCharsets.UTF_8.encode("b"), now + 3);
        assertThat(RecordedHandler.readAll(journal, 1).receivedEpochMillis).containsExactly(now + 5, now + 5);
        assertThat(journal.lastReceivedEpochMillis()).isEqualTo(now + 5);
    }

    @Test
    void timeNeverRunsBackward_whenTheWallClockIsSetBack() throws Exception {
        long before = journal.nowEpochMillis();
        append("a");
        clock.step(Duration.ofSeconds(-2));
        assertThat(journal.nowEpochMillis()).isGreaterThanOrEqualTo(before);
        clock.step(Duration.ofDays(-3650));
        assertThat(journal.nowEpochMillis()).isGreaterThanOrEqualTo(before);
        journal = reopen();
        assertThat(journal.nowEpochMillis()).isGreaterThanOrEqualTo(before);
    }

    @Test
    void recordsAreFoundByReceiveTime() {
        long start = journal.nowEpochMillis();
        for (int i = 0; i < 5; i++) {
            append("r" + i);
            clock.advance(Duration.ofSeconds(10));
        }
        assertThat(journal.firstSequenceReceivedSince(0)).isEqualTo(1);
        assertThat(journal.firstSequenceReceivedSince(start)).isEqualTo(1);
        assertThat(journal.firstSequenceReceivedSince(start + 1)).isEqualTo(2);
        assertThat(journal.firstSequenceReceivedSince(start + 40_000)).isEqualTo(5);
        assertThat(journal.firstSequenceReceivedSince(start + 40_001)).isEqualTo(6);
    }

    @Test
    void backwardScanGivesTheNewestFirst_andStopsWhenTold() {
        List.of("a", "b", "c", "d").forEach(this::append);
        List<String> seen = new ArrayList<>();
        journal.scanBackward((sequence, received, payload) -> {
            seen.add(sequence + StandardCharsets.UTF_8.decode(payload).toString());
            return sequence > 2;
        });
        assertThat(seen).containsExactly("4d", "3c", "2b");
    }

    @Test
    void numbersAndRecordsGoOn_whenOpenedAgain() throws Exception {
        append("a");
        append("b");
        journal = reopen();
        assertThat(journal.lastSequence()).isEqualTo(2);
        assertThat(append("c")).isEqualTo(3);
        assertThat(RecordedHandler.readAll(journal, 1).payloads).containsExactly("a", "b", "c");
    }

    @Test
    void whatIsReleasedIsNotLost() {
        LongStream.rangeClosed(1, 10).forEach(n -> append("r" + n));
        journal.releaseBelow(6);
        RecordedHandler read = RecordedHandler.readAll(journal, 6);
        assertThat(read.payloads).containsExactly("r6", "r7", "r8", "r9", "r10");
        assertThat(RecordedHandler.readAll(journal, 1).lost).isZero();
    }

    @Test
    void everyRecordHasItsOwnNumber_whenManyThreadsAppend() throws Exception {
        int threads = 4;
        int each = 500;
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Callable<List<String>>> writers = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                int thread = t;
                writers.add(() -> appendEach(thread, each));
            }
            List<String> told = new ArrayList<>();
            for (Future<List<String>> writer : pool.invokeAll(writers)) {
                told.addAll(writer.get());
            }
            RecordedHandler read = RecordedHandler.readAll(journal, 1);
            List<String> found = new ArrayList<>();
            for (int i = 0; i < read.sequences.size(); i++) {
                found.add(read.sequences.get(i) + "=" + read.payloads.get(i));
            }
            assertThat(read.sequences)
                    .containsExactlyElementsOf(LongStream.rangeClosed(1, (long) threads * each)
                            .boxed()
                            .toList());
            assertThat(found).containsExactlyInAnyOrderElementsOf(told);
        }
    }

    private List<String> appendEach(int thread, int records) {
        List<String> told = new ArrayList<>();
        for (int i = 0; i < records; i++) {
            String payload = thread + ":" + i;
            Appended appended = journal.append(StandardCharsets.UTF_8.encode(payload), journal.nowEpochMillis());
            told.add(((Appended.Taken) appended).sequence() + "=" + payload);
        }
        return told;
    }

    @Test
    void statsCountWhatWasAppended() {
        append("a");
        append("b");
        Journal.Stats stats = journal.stats();
        assertThat(stats.appendedRecords()).isEqualTo(2);
        assertThat(stats.bytesOnDisk()).isPositive();
        assertThat(stats.lostRecords()).isZero();
        assertThat(stats.failure()).isEmpty();
    }
}
