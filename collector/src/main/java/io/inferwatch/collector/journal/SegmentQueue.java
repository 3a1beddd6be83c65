package io.inferwatch.collector.journal;

import java.nio.file.Path;
import net.openhft.chronicle.core.Jvm;
import net.openhft.chronicle.core.onoes.ExceptionHandler;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.RollCycles;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.posix.PosixAPI;

/**
 * How a segment's Chronicle Queue is opened. Its time provider stands still at the time in the segment's name: within a
 * segment Chronicle Queue never rolls, so no step of any clock can stop it.
 */
final class SegmentQueue {
    private static final int MEBIBYTE = 1 << 20;
    /** A broken lock or header is waited for this long and no longer. */
    private static final int TIMEOUT_MILLIS = 500;

    static {
        // Before the first Chronicle class: no analytics, no banner, no thread of its own. Its locks in the file may be
        // broken because the lock on the data directory is held.
        System.setProperty("chronicle.analytics.disable", "true");
        System.setProperty("chronicle.announcer.disable", "true");
        System.setProperty("chronicle.disk.monitor.disable", "true");
        System.setProperty("background.releaser", "false");
        System.setProperty("queue.force.unlock.mode", "ALWAYS");
        // Its calls are hints (madvise, fallocate) and a sync that GroupSync does better; the library for them stays
        // out.
        PosixAPI.useNoOpPosixApi();
        Jvm.setDebugExceptionHandler(ExceptionHandler.ignoresEverything());
        Jvm.setPerfExceptionHandler(ExceptionHandler.ignoresEverything());
    }

    private SegmentQueue() {}

    static ChronicleQueue open(Path directory, SegmentName name) {
        return SingleChronicleQueueBuilder.binary(directory)
                .rollCycle(RollCycles.FIVE_MINUTELY)
                .blockSize(name.blockMebibytes() * MEBIBYTE)
                .timeProvider(name::notBeforeEpochMillis)
                .timeoutMS(TIMEOUT_MILLIS)
                .build();
    }
}
