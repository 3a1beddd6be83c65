package io.inferwatch.collector.journal;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;

/** Takes the lock, says what came of it, and keeps it until its standard input ends. */
final class HoldingProcess {
    private HoldingProcess() {}

    public static void main(String... arguments) throws Exception {
        String outcome = switch (DataDirectoryLock.acquire(Path.of(arguments[0]), InstantSource.system())) {
            case DataDirectoryLock.Outcome.Taken taken -> "taken " + (taken.lock() != null);
            case DataDirectoryLock.Outcome.HeldByAnother held ->
                "held by " + held.holderPid().orElse(0);
        };
        System.out.write((outcome + "\n").getBytes(StandardCharsets.US_ASCII));
        System.out.flush();
        while (System.in.read() >= 0) {}
    }
}
