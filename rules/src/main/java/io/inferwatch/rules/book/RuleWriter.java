package io.inferwatch.rules.book;

import io.inferwatch.rules.load.RuleFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Writes rule texts to their files: each is there as a whole, old or new, also after a crash. */
public final class RuleWriter {
    private static final String MOUNTED =
            "; change it where it comes from (a ConfigMap, a repository): a changed file is"
                    + " taken up within a second or two";

    private RuleWriter() {}

    /** Why these files cannot be written, with what to do instead; empty where they can. */
    public static Optional<String> obstacle(List<RuleFile> texts) {
        return texts.stream().flatMap(text -> obstacle(text).stream()).findFirst();
    }

    private static Optional<String> obstacle(RuleFile text) {
        try {
            Path file = real(Path.of(text.name()));
            Path directory = parent(file);
            if (Files.exists(file) && (!Files.isWritable(file) || hasNoWriteBit(file))) {
                return Optional.of(text.name() + " is read-only" + MOUNTED);
            }
            if (!Files.isDirectory(directory)) {
                return Optional.of(directory + " is no directory; make it, or set rules.file");
            }
            return Files.isWritable(directory)
                    ? Optional.empty()
                    : Optional.of("the directory of " + text.name() + " is read-only" + MOUNTED);
        } catch (IOException e) {
            return Optional.of(text.name() + " cannot be reached: " + e);
        }
    }

    /** To root everything is writable; a file that nobody may write is meant to stay as it is all the same. */
    private static boolean hasNoWriteBit(Path file) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
        if (view == null) {
            return false;
        }
        Set<PosixFilePermission> permissions = view.readAttributes().permissions();
        return !permissions.contains(PosixFilePermission.OWNER_WRITE)
                && !permissions.contains(PosixFilePermission.GROUP_WRITE)
                && !permissions.contains(PosixFilePermission.OTHERS_WRITE);
    }

    /** @throws IOException naming the file; those before it are written */
    public static void write(List<RuleFile> texts) throws IOException {
        for (RuleFile text : texts) {
            write(text);
        }
    }

    private static void write(RuleFile text) throws IOException {
        Path file = real(Path.of(text.name()));
        Path fresh = Files.createTempFile(parent(file), ".inferwatch-rules-", ".tmp");
        try {
            try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(text.text().getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            keepPermissions(file, fresh);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    private static void keepPermissions(Path from, Path to) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(from, PosixFileAttributeView.class);
        if (view != null && Files.exists(from)) {
            Files.setPosixFilePermissions(to, view.readAttributes().permissions());
        }
    }

    /** A link stays a link: what it points to is written. */
    private static Path real(Path file) throws IOException {
        return Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
    }

    private static Path parent(Path file) {
        Path parent = file.toAbsolutePath().getParent();
        return parent == null ? Path.of("/") : parent;
    }
}
