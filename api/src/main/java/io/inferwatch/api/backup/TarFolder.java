package io.inferwatch.api.backup;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.function.LongConsumer;

/** Unpacks the tar of a backup. A name that would leave the folder is refused, whoever sent it. */
public final class TarFolder {
    private static final int BUFFER_BYTES = 1 << 16;

    private final Path folder;
    private final LongConsumer progress;
    private final byte[] buffer = new byte[BUFFER_BYTES];

    /**
     * @param folder exists
     * @param progress is told the bytes unpacked so far
     */
    public TarFolder(Path folder, LongConsumer progress) {
        this.folder = folder.toAbsolutePath().normalize();
        this.progress = progress;
    }

    /**
     * @return bytes unpacked
     * @throws IOException when the tar ends early or is damaged, or the disk refuses
     */
    public long unpack(InputStream tar) throws IOException {
        long total = 0;
        for (Optional<TarHeader> next = header(tar); next.isPresent(); next = header(tar)) {
            TarHeader header = next.get();
            total = unpack(tar, header, total);
            tar.skipNBytes(header.padding());
        }
        return total;
    }

    private static Optional<TarHeader> header(InputStream tar) throws IOException {
        byte[] block = tar.readNBytes(TarHeader.BLOCK);
        if (block.length < TarHeader.BLOCK) {
            throw new EOFException("the copy ends before its end: it is not complete");
        }
        try {
            return TarHeader.decode(block);
        } catch (IllegalArgumentException damaged) {
            throw new IOException(damaged.getMessage(), damaged);
        }
    }

    private long unpack(InputStream tar, TarHeader header, long before) throws IOException {
        Path file = folder.resolve(header.name()).normalize();
        if (!file.startsWith(folder) || file.equals(folder)) {
            throw new IOException("\"" + header.name() + "\" would lie outside " + folder);
        }
        Path parent = file.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        long total = before;
        try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.WRITE)) {
            for (long left = header.sizeBytes(); left > 0; ) {
                int read = tar.read(buffer, 0, (int) Math.min(left, buffer.length));
                if (read < 0) {
                    throw new EOFException("the copy ends within " + header.name() + ": it is not complete");
                }
                out.write(buffer, 0, read);
                left -= read;
                total += read;
                progress.accept(total);
            }
        }
        return total;
    }
}
