package io.inferwatch.collector.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.testing.RecordedHandler;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code kill -9} of a process that appends, again and again over the same directory. */
class JournalKillTest {
    private static final int KILLS = 5;

    @TempDir
    Path data = Path.of("");

    @Test
    @Timeout(value = 300, unit = TimeUnit.SECONDS)
    void everyAcknowledgedRecordIsThereOnce_afterEachKill() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("JournalKillTest seed " + seed);
        Random random = new Random(seed);
        List<String> acknowledged = new ArrayList<>();
        for (int kill = 0; kill < KILLS; kill++) {
            acknowledged.addAll(appendAndKill(kill, 100 + random.nextInt(900)));
            assertEachIsThereOnce(acknowledged);
        }
        assertThat(acknowledged).hasSizeGreaterThan(KILLS * 100);
    }

    private List<String> appendAndKill(int run, int lines) throws Exception {
        List<String> told = new ArrayList<>();
        Process child = ChildJvm.start(AppendingProcess.class, data.toString(), "run" + run);
        try (BufferedReader output = child.inputReader(StandardCharsets.US_ASCII)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                if (line.endsWith(";")) {
                    told.add(line.substring(0, line.length() - 1));
                }
                if (told.size() == lines) {
                    // By its handle: the process would close its output, and with it the last acknowledgements.
                    child.toHandle().destroyForcibly();
                }
            }
        }
        assertThat(child.waitFor()).as("killed, not failed").isEqualTo(128 + 9);
        return told;
    }

    private void assertEachIsThereOnce(List<String> acknowledged) throws IOException {
        JournalFixture fixture = new JournalFixture(data);
        try (ChronicleJournal journal = fixture.open()) {
            RecordedHandler read = RecordedHandler.readAll(journal, 1);
            assertThat(read.lost).isZero();
            assertThat(read.sequences).isSorted().doesNotHaveDuplicates();
            List<String> found = new ArrayList<>();
            for (int i = 0; i < read.sequences.size(); i++) {
                String payload = read.payloads.get(i);
                found.add(read.sequences.get(i) + "=" + payload.substring(0, payload.indexOf(' ')));
            }
            assertThat(found).doesNotHaveDuplicates().containsAll(acknowledged);
            assertThat(fixture.quarantined()).isEmpty();
        }
    }
}
