package io.inferwatch.collector.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What lies in the journal's directory, and the few moves that are made there. */
final class SegmentFiles {
    private static final String QUEUE_FILE_SUFFIX = ".cq4";
    private static final String SEAL = "seal";
    private static final String RELEASED = "released";
    private static final String SESSION = "session";
    private static final String REPAIRING = ".repairing";

    private final Path journal;

    SegmentFiles(Path journal) throws IOException {
        this.journal = journal;
        Files.createDirectories(journal);
    }

    Path directory(SegmentName name) {
        return journal.resolve(name.toString());
    }

    Path repairing(SegmentName name) {
        return journal.resolve(name + REPAIRING);
    }

    static Optional<Path> queueFile(Path segment) throws IOException {
        try (Stream<Path> files = Files.list(segment)) {
            return files.filter(file -> file.toString().endsWith(QUEUE_FILE_SUFFIX))
                    .findFirst();
        } catch (NoSuchFileException gone) {
            return Optional.empty();
        }
    }

    /** The names of all segments, oldest first, after finishing or undoing what a killed process left half done. */
    List<SegmentName> list() throws IOException {
        List<SegmentName> names = new ArrayList<>();
        for (Path entry : entries(journal)) {
            String name = entry.getFileName().toString();
            if (name.endsWith(REPAIRING)) {
                Path repaired = journal.resolve(name.substring(0, name.length() - REPAIRING.length()));
                settleRepair(entry, repaired).flatMap(SegmentName::parse).ifPresent(names::add);
            } else {
                SegmentName.parse(name).ifPresent(names::add);
            }
        }
        names.sort(Comparator.comparingLong(SegmentName::firstSequence));
        return names;
    }

    /** A damaged segment is set aside only when its repaired copy is complete, so a copy without original counts. */
    private static Optional<String> settleRepair(Path copy, Path original) throws IOException {
        if (Files.exists(original)) {
            deleteTree(copy);
            return Optional.empty();
        }
        Files.move(copy, original, StandardCopyOption.ATOMIC_MOVE);
        return Optional.of(original.getFileName().toString());
    }

    static Optional<Seal> readSeal(Path segment) {
        return readLine(segment.resolve(SEAL)).flatMap(Seal::parse);
    }

    /** Left to the page cache: a seal that a power cut tears is read as absent. */
    static void writeSeal(Path segment, Seal seal) throws IOException {
        replace(segment.resolve(SEAL), seal.line(), false);
    }

    /** Everything below this number was given up on purpose; 0 when nothing was. */
    long releasedBelow() {
        return readLine(journal.resolve(RELEASED))
                .map(String::strip)
                .filter(line -> line.matches("\\d{1,18}"))
                .map(Long::parseLong)
                .orElse(0L);
    }

    void writeReleasedBelow(long sequence) throws IOException {
        replace(journal.resolve(RELEASED), sequence + "\n", true);
    }

    /** What {@link MachineStop} wrote last. */
    Optional<String> session() {
        return readLine(journal.resolve(SESSION));
    }

    void writeSession(String line) throws IOException {
        replace(journal.resolve(SESSION), line, true);
        sync();
    }

    /** Gives every file of a segment a second name; where the disk knows no such thing the file is copied. */
    void link(SegmentName name, Path folder) throws IOException {
        Path copy = Files.createDirectories(folder.resolve(name.toString()));
        for (Path file : entries(directory(name))) {
            link(file, copy.resolve(file.getFileName()));
        }
    }

    /** As {@link #link}, of what tells a start that missing numbers were given up on purpose. */
    void linkReleased(Path folder) throws IOException {
        Path released = journal.resolve(RELEASED);
        if (Files.exists(released)) {
            link(released, folder.resolve(RELEASED));
        }
    }

    private static void link(Path file, Path copy) throws IOException {
        try {
            Files.createLink(copy, file);
        } catch (UnsupportedOperationException | FileSystemException otherDisk) {
            Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
        }
    }

    void delete(SegmentName name) throws IOException {
        deleteTree(directory(name));
    }

    /** Sets a segment aside under a name that is never read again, and answers with it. */
    Path quarantine(SegmentName name, long epochMillis) throws IOException {
        Path aside = journal.resolve(name + ".corrupt-" + epochMillis);
        for (int again = 1; Files.exists(aside); again++) {
            aside = journal.resolve(name + ".corrupt-" + epochMillis + "-" + again);
        }
        Files.move(directory(name), aside, StandardCopyOption.ATOMIC_MOVE);
        return aside;
    }

    /** Makes names made, changed or removed in the journal's directory last. */
    void sync() throws IOException {
        force(journal);
    }

    /** Puts a file's bytes, or a directory's names, on the disk. */
    static void force(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    static void deleteTree(Path directory) throws IOException {
        try {
            for (Path entry : entries(directory)) {
                Files.deleteIfExists(entry);
            }
            Files.deleteIfExists(directory);
        } catch (NoSuchFileException gone) {
            // Somebody else removed it: what was wanted.
        }
    }

    private static List<Path> entries(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.sorted().toList();
        }
    }

    private static Optional<String> readLine(Path file) {
        try {
            return Optional.of(new String(Files.readAllBytes(file), StandardCharsets.US_ASCII));
        } catch (IOException absentOrUnreadable) {
            return Optional.empty();
        }
    }

    private static void replace(Path file, String content, boolean onDisk) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel channel = FileChannel.open(
                fresh, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            channel.write(StandardCharsets.US_ASCII.encode(content));
            if (onDisk) {
                channel.force(false);
            }
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
