package io.inferwatch.collector.journal;

import io.inferwatch.collector.Journal.Appended;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;

/** Appends until it is killed. A line on standard output that ends in a semicolon is an acknowledgement; standard output is a pipe. */
final class AppendingProcess {
    private AppendingProcess() {}

    public static void main(String... arguments) throws Exception {
        Path data = Path.of(arguments[0]);
        String run = arguments[1];
        JournalConfig config = JournalFixture.SMALL;
        if (!(DataDirectoryLock.acquire(data, InstantSource.system()) instanceof DataDirectoryLock.Outcome.Taken)) {
            throw new IllegalStateException("locked");
        }
        ChronicleJournal journal =
                ChronicleJournal.open(data.resolve("journal"), config, InstantSource.system(), System::nanoTime);
        journal.raiseSequenceAbove(0);
        journal.start();
        PrintStream told = new PrintStream(System.out, true, StandardCharsets.US_ASCII);
        told.println("ready");
        for (int i = 0; ; i++) {
            ByteBuffer payload = StandardCharsets.US_ASCII.encode(run + ":" + i + " " + "x".repeat(i % 3000));
            Appended appended = journal.append(payload, journal.nowEpochMillis());
            if (appended instanceof Appended.Taken taken) {
                told.println(taken.sequence() + "=" + run + ":" + i + ";");
            }
        }
    }
}
