package io.inferwatch.collector.cost;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/** A price table on disk, read again when it changes. Used by one thread at a time. */
public final class PriceFile {
    private final Path path;
    private Stamp seen = Stamp.UNSEEN;

    /** What tells that a file was written again, or another put in its place. */
    private record Stamp(
            @Nullable FileTime modified,
            long bytes,
            @Nullable Object key) {
        static final Stamp UNSEEN = new Stamp(null, -1, null);
        static final Stamp ABSENT = new Stamp(null, -2, null);
    }

    /** What a look found. */
    public sealed interface Look {
        record Unchanged() implements Look {}

        /** Seen at the first look, or at the first after it was there. */
        record Absent() implements Look {}

        record Read(PriceTable table) implements Look {}

        /** There, and no price table. */
        record Failed(String reason) implements Look {}
    }

    public PriceFile(Path path) {
        this.path = path;
    }

    public Path path() {
        return path;
    }

    /** Reads it if it changed since the last look. */
    public Look look() {
        try {
            Stamp now = stamp();
            if (now.equals(seen)) {
                return new Look.Unchanged();
            }
            seen = now;
            return now.equals(Stamp.ABSENT) ? new Look.Absent() : read();
        } catch (IOException e) {
            return new Look.Failed(path + " cannot be read: " + e);
        }
    }

    private Stamp stamp() throws IOException {
        try {
            BasicFileAttributes is = Files.readAttributes(path, BasicFileAttributes.class);
            return new Stamp(is.lastModifiedTime(), is.size(), is.fileKey());
        } catch (NoSuchFileException e) {
            return Stamp.ABSENT;
        }
    }

    private Look read() {
        try (InputStream in = Files.newInputStream(path)) {
            return new Look.Read(PriceReader.read(in));
        } catch (MalformedPricesException e) {
            return new Look.Failed(path + " " + e.getMessage());
        } catch (IOException e) {
            return new Look.Failed(path + " cannot be read: " + e);
        }
    }
}
