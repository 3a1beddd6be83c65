package io.inferwatch.rules.book;

import io.inferwatch.rules.load.RuleFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The last versions of the rules on disk, so that after a restart there is still something to go back to. One file a
 * version, whole or not there; readable by its owner alone, for rules may hold secrets. One thread at a time.
 *
 * <pre>
 * magic 0x49575256 · form 1 · number · loaded at, epoch ms (8) · rules · files · { length, name · length, text } · CRC32C (8)
 * </pre>
 *
 * Numbers are big-endian and of four bytes where nothing else is said, texts UTF-8; the checksum is of all before it.
 */
public final class RuleArchive {
    private static final int MAGIC = 0x49575256;
    private static final int FORM = 1;
    private static final int MOST_FILES = 10_000;
    private static final String ENDING = ".version";

    private final Path directory;

    public RuleArchive(Path directory) {
        this.directory = directory;
    }

    /** Those that can be read, oldest first; one that is damaged is left out. */
    public List<RuleBook.Version> read() throws IOException {
        List<RuleBook.Version> versions = new ArrayList<>();
        for (Path file : files()) {
            decode(Files.readAllBytes(file)).ifPresent(versions::add);
        }
        versions.sort(Comparator.comparingInt(RuleBook.Version::number));
        return versions;
    }

    /** Writes one, and removes those that the ten newest do not need. */
    public void keep(RuleBook.Version version) throws IOException {
        Files.createDirectories(directory);
        Path fresh = Files.createTempFile(directory, ".fresh-", ".tmp");
        try {
            try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(encode(version));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Path file = directory.resolve("%09d".formatted(version.number()) + ENDING);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh);
        }
        List<Path> all = files();
        for (Path old : all.subList(0, Math.max(0, all.size() - RuleBook.VERSIONS_KEPT))) {
            Files.deleteIfExists(old);
        }
    }

    /** By name, which is by number. */
    private List<Path> files() throws IOException {
        List<Path> found = new ArrayList<>();
        if (Files.isDirectory(directory)) {
            try (DirectoryStream<Path> all = Files.newDirectoryStream(directory, "*" + ENDING)) {
                all.forEach(found::add);
            }
        }
        found.sort(null);
        return found;
    }

    private static byte[] encode(RuleBook.Version version) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(MAGIC);
        out.writeInt(FORM);
        out.writeInt(version.number());
        out.writeLong(version.loadedAt().toEpochMilli());
        out.writeInt(version.ruleCount());
        out.writeInt(version.files().size());
        for (RuleFile file : version.files()) {
            write(out, file.name());
            write(out, file.text());
        }
        out.writeLong(checksum(bytes.toByteArray(), bytes.size()));
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static Optional<RuleBook.Version> decode(byte[] bytes) throws IOException {
        int length = bytes.length - Long.BYTES;
        boolean isWhole = length > 0 && ByteBuffer.wrap(bytes).getLong(length) == checksum(bytes, length);
        if (!isWhole) {
            return Optional.empty();
        }
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes, 0, length));
        if (in.readInt() != MAGIC || in.readInt() != FORM) {
            return Optional.empty();
        }
        int number = in.readInt();
        Instant loadedAt = Instant.ofEpochMilli(in.readLong());
        int rules = in.readInt();
        int count = in.readInt();
        List<RuleFile> files = new ArrayList<>();
        for (int i = 0; i < Math.min(count, MOST_FILES); i++) {
            files.add(new RuleFile(text(in), text(in)));
        }
        return Optional.of(new RuleBook.Version(number, loadedAt, files, rules));
    }

    private static String text(DataInputStream in) throws IOException {
        return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
    }

    private static long checksum(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return crc.getValue();
    }
}
