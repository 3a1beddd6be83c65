package io.inferwatch.collector.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The right of one process to a data directory, taken before anything in it is opened. The operating system holds the
 * lock and frees it with the process, however that ends; the text in the file only names the holder.
 */
public final class DataDirectoryLock implements AutoCloseable {
    private static final String FILE = "lock";
    private static final int MOST_TEXT_BYTES = 256;
    private static final Pattern TEXT = Pattern.compile("pid=(\\d{1,18}) since=(\\S{1,64})\n");

    private final FileChannel channel;

    private DataDirectoryLock(FileChannel channel) {
        this.channel = channel;
    }

    /** Who has the directory now. */
    public sealed interface Outcome {
        /** This process, until the lock is closed. */
        record Taken(DataDirectoryLock lock) implements Outcome {}

        /**
         * Another process.
         *
         * @param holderPid empty when the holder has not written it yet
         * @param holderSince when it took the lock, ISO 8601; empty when unknown
         */
        record HeldByAnother(Path lockFile, OptionalLong holderPid, String holderSince) implements Outcome {}
    }

    /**
     * Tries once, without waiting. Makes the directory when it is missing.
     *
     * @param clock for the time in the file, which is for people
     * @throws IOException when the directory or the file cannot be written
     */
    public static Outcome acquire(Path dataDirectory, InstantSource clock) throws IOException {
        Files.createDirectories(dataDirectory);
        Path file = dataDirectory.resolve(FILE);
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            if (tryLock(channel) == null) {
                Outcome held = holder(file, channel);
                channel.close();
                return held;
            }
            write(channel, "pid=" + ProcessHandle.current().pid() + " since=" + clock.instant() + "\n");
            return new Outcome.Taken(new DataDirectoryLock(channel));
        } catch (IOException | RuntimeException failure) {
            channel.close();
            throw failure;
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException heldByThisProcess) {
            return null;
        }
    }

    private static void write(FileChannel channel, String text) throws IOException {
        channel.truncate(0);
        channel.write(StandardCharsets.US_ASCII.encode(text), 0);
    }

    private static Outcome holder(Path file, FileChannel channel) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(MOST_TEXT_BYTES);
        channel.read(text, 0);
        Matcher matcher = TEXT.matcher(StandardCharsets.US_ASCII.decode(text.flip()));
        return matcher.matches()
                ? new Outcome.HeldByAnother(file, OptionalLong.of(Long.parseLong(matcher.group(1))), matcher.group(2))
                : new Outcome.HeldByAnother(file, OptionalLong.empty(), "");
    }

    /** Lets the directory go. The file stays: deleting it could take the lock of a process that came just before. */
    @Override
    public void close() throws IOException {
        channel.close();
    }
}
