package io.inferwatch.collector.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.Journal.Appended;
import io.inferwatch.collector.testing.RecordedHandler;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever reads the journal need not look again and again. */
class JournalWakeTest {
    @TempDir
    Path data = Path.of("");

    @Test
    void isToldOfEachAppend_whenAReaderFindsIt() throws IOException {
        try (ChronicleJournal journal = new JournalFixture(data).open()) {
            List<List<String>> seen = new ArrayList<>();
            journal.whenAppended(() -> seen.add(List.copyOf(RecordedHandler.readAll(journal, 1).payloads)));
            JournalFixture.append(journal, "a");
            JournalFixture.append(journal, "b");
            assertThat(seen).containsExactly(List.of("a"), List.of("a", "b"));
        }
    }

    @Test
    void isNotToldOfARefusedAppend() throws IOException {
        JournalFixture fixture = new JournalFixture(data);
        try (ChronicleJournal journal = fixture.open()) {
            List<Long> told = new ArrayList<>();
            journal.whenAppended(() -> told.add(journal.lastSequence()));
            fixture.freeBytes.set(0);
            fixture.clock.advance(Duration.ofSeconds(1));
            assertThat(JournalFixture.tryAppend(journal, "a")).isInstanceOf(Appended.Failed.class);
            assertThat(told).isEmpty();
        }
    }
}
