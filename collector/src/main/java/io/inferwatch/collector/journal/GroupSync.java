package io.inferwatch.collector.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Brings appended records to the disk, many with one call, and lets appenders wait for it. The call is {@code fsync} on
 * a descriptor of its own: it writes the pages that Chronicle Queue mapped, holds up no append, and reports a failure,
 * which Chronicle Queue's own {@code sync} only logs.
 */
final class GroupSync implements AutoCloseable {
    private static final long LONGEST_WAIT_SECONDS = 30;

    /** A file with records in it that may not be on disk yet. */
    static final class Target {
        private final Path directory;
        private final FileChannel channel;
        private volatile long written;
        private volatile boolean retired;
        private long synced;

        private Target(Path directory, Path file) throws IOException {
            this.directory = directory;
            this.channel = FileChannel.open(file, StandardOpenOption.WRITE);
        }

        void written(long sequence) {
            written = sequence;
        }

        /** Nothing will be added any more. */
        void retire() {
            retired = true;
        }
    }

    private final Path journal;
    private final LongSupplier nanos;
    private final List<Target> targets = new CopyOnWriteArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition progress = lock.newCondition();
    private final Condition kicked = lock.newCondition();
    private boolean isKicked;
    private boolean isClosed;
    private volatile long appendedThrough;
    private volatile long syncedThrough;
    private volatile long failedThrough;
    private final AtomicLong syncs = new AtomicLong();
    private volatile long lastSyncNanos;
    private volatile long lastStepEndNanos;

    GroupSync(Path journal, LongSupplier nanos) {
        this.journal = journal;
        this.nanos = nanos;
        this.lastStepEndNanos = nanos.getAsLong();
    }

    /** Everything up to here is older than this process, or was never written. */
    void startAbove(long sequence) {
        appendedThrough = sequence;
        syncedThrough = sequence;
    }

    Target add(Path directory, Path file) throws IOException {
        Target target = new Target(directory, file);
        targets.add(target);
        return target;
    }

    /** Called by the appender, in order, after the target was told. */
    void appended(long sequence) {
        appendedThrough = sequence;
    }

    /**
     * Brings to disk what was appended before the call; without anything new, does nothing. Called by one thread at a
     * time.
     *
     * @return whether the disk was asked
     * @throws IOException when the disk refused; the records since the last sync are not on it, and asking again would
     *     not show that
     */
    boolean step() throws IOException {
        long through = appendedThrough;
        long begunNanos = nanos.getAsLong();
        boolean isAsked = false;
        try {
            for (Target target : targets) {
                isAsked |= sync(target);
            }
        } catch (IOException failure) {
            settle(through, false);
            throw failure;
        }
        lastStepEndNanos = nanos.getAsLong();
        if (isAsked) {
            syncs.incrementAndGet();
            lastSyncNanos = lastStepEndNanos - begunNanos;
        }
        settle(through, true);
        return isAsked;
    }

    private boolean sync(Target target) throws IOException {
        boolean isLast = target.retired;
        long written = target.written;
        boolean isNews = written > target.synced;
        if (isNews) {
            if (target.synced == 0) {
                syncNames(target.directory);
            }
            target.channel.force(false);
            target.synced = written;
        }
        if (isLast) {
            targets.remove(target);
            target.channel.close();
        }
        return isNews;
    }

    /** A file is found again only if its directory, and that one's, are on disk; a deleted one has none to sync. */
    private void syncNames(Path directory) throws IOException {
        if (directory.toFile().isDirectory()) {
            SegmentFiles.force(directory);
            SegmentFiles.force(journal);
        }
    }

    private void settle(long through, boolean isOnDisk) {
        lock.lock();
        try {
            if (isOnDisk) {
                syncedThrough = Math.max(syncedThrough, through);
            } else {
                failedThrough = Math.max(failedThrough, through);
                dropTargets();
            }
            progress.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** After a refused sync the kernel forgets which pages it could not write: these files cannot be trusted again. */
    private void dropTargets() {
        for (Target target : targets) {
            target.synced = target.written;
        }
    }

    /** Waits until this record is on disk. @return whether it is */
    boolean await(long sequence) throws InterruptedException {
        lock.lock();
        try {
            isKicked = true;
            kicked.signal();
            long leftNanos = TimeUnit.SECONDS.toNanos(LONGEST_WAIT_SECONDS);
            while (failedThrough < sequence && syncedThrough < sequence && !isClosed && leftNanos > 0) {
                leftNanos = progress.awaitNanos(leftNanos);
            }
            return failedThrough < sequence && syncedThrough >= sequence;
        } finally {
            lock.unlock();
        }
    }

    /** Ends {@link #awaitWork} at once. */
    void wake() {
        lock.lock();
        try {
            isKicked = true;
            kicked.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until somebody waits for the disk, or for this long. */
    void awaitWork(long timeoutNanos) throws InterruptedException {
        lock.lock();
        try {
            long leftNanos = timeoutNanos;
            while (!isKicked && !isClosed && leftNanos > 0) {
                leftNanos = kicked.awaitNanos(leftNanos);
            }
            isKicked = false;
        } finally {
            lock.unlock();
        }
    }

    long syncs() {
        return syncs.get();
    }

    long lastSyncNanos() {
        return lastSyncNanos;
    }

    long ageNanos() {
        return nanos.getAsLong() - lastStepEndNanos;
    }

    /** Lets go of everybody who waits; what was not synced stays so. */
    @Override
    public void close() {
        lock.lock();
        try {
            isClosed = true;
            progress.signalAll();
            kicked.signalAll();
        } finally {
            lock.unlock();
        }
        targets.forEach(GroupSync::closeQuietly);
        targets.clear();
    }

    private static void closeQuietly(Target target) {
        try {
            target.channel.close();
        } catch (IOException nothingToSave) {
            // The last sync is over, and the descriptor was only for that.
        }
    }
}
