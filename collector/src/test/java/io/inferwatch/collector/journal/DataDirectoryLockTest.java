package io.inferwatch.collector.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.journal.DataDirectoryLock.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryLockTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-11-20T12:00:00Z"));

    @TempDir
    Path data = Path.of("");

    @Test
    void secondTakerIsToldTheHolder() throws IOException {
        Outcome first = DataDirectoryLock.acquire(data.resolve("new"), CLOCK);
        assertThat(first).isInstanceOf(Outcome.Taken.class);
        Outcome second = DataDirectoryLock.acquire(data.resolve("new"), CLOCK);
        assertThat(second).isInstanceOf(Outcome.HeldByAnother.class);
        Outcome.HeldByAnother held = (Outcome.HeldByAnother) second;
        assertThat(held.holderPid()).hasValue(ProcessHandle.current().pid());
        assertThat(held.holderSince()).isEqualTo("2026-11-20T12:00:00Z");
        assertThat(held.lockFile()).isEqualTo(data.resolve("new").resolve("lock"));
        ((Outcome.Taken) first).lock().close();
        Outcome third = DataDirectoryLock.acquire(data.resolve("new"), CLOCK);
        assertThat(third).isInstanceOf(Outcome.Taken.class);
        ((Outcome.Taken) third).lock().close();
    }

    @Test
    void holderWithoutAReadableNameIsStillAHolder() throws IOException {
        try (DataDirectoryLock lock = taken(data)) {
            Files.writeString(data.resolve("lock"), "?");
            Outcome second = DataDirectoryLock.acquire(data, CLOCK);
            assertThat(second).isInstanceOf(Outcome.HeldByAnother.class);
            assertThat(((Outcome.HeldByAnother) second).holderPid()).isEmpty();
            assertThat(lock).isNotNull();
        }
    }

    @Test
    @Timeout(180)
    void anotherProcessIsToldThisOne() throws Exception {
        try (DataDirectoryLock lock = taken(data)) {
            Process child = ChildJvm.start(HoldingProcess.class, data.toString());
            try (var output = child.inputReader(StandardCharsets.US_ASCII)) {
                assertThat(output.readLine())
                        .isEqualTo("held by " + ProcessHandle.current().pid());
            } finally {
                child.destroyForcibly().waitFor();
            }
            assertThat(lock).isNotNull();
        }
    }

    @Test
    @Timeout(180)
    void lockIsFreeAgain_whenItsHolderWasKilled() throws Exception {
        Process child = ChildJvm.start(HoldingProcess.class, data.toString());
        try (var output = child.inputReader(StandardCharsets.US_ASCII)) {
            assertThat(output.readLine()).isEqualTo("taken true");
            Outcome held = DataDirectoryLock.acquire(data, CLOCK);
            assertThat(held).isInstanceOf(Outcome.HeldByAnother.class);
            assertThat(((Outcome.HeldByAnother) held).holderPid()).hasValue(child.pid());
        } finally {
            child.destroyForcibly().waitFor();
        }
        taken(data).close();
    }

    private static DataDirectoryLock taken(Path directory) throws IOException {
        Outcome outcome = DataDirectoryLock.acquire(directory, CLOCK);
        assertThat(outcome).isInstanceOf(Outcome.Taken.class);
        return ((Outcome.Taken) outcome).lock();
    }
}
