package io.inferwatch.api.backup;

import io.inferwatch.collector.journal.ChronicleJournal;
import io.inferwatch.histograms.store.Database;
import io.inferwatch.rules.load.RuleFile;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Copies all that a running sidecar remembers. First the database as of one moment, then the journal as it stands after
 * that: a start on the copy replays from the database's checkpoint, so every record acknowledged before the copy was asked
 * for is in it once. Meanwhile the journal keeps what it would let go of. Any thread; one copy at a time.
 */
public final class BackupDesk {
    private static final String FOLDER = "backup.partial";
    private static final String DATABASE = "db/inferwatch.mv.db";
    /** Small files of the data directory that a start on the copy needs; the admin token is none of them. */
    private static final List<String> KEPT = List.of("host_id", "identity.key", "gpus.expected", "told.log");

    private static final int MOST_RULE_NAME = 80;

    private final Path data;
    private final Database database;
    private final ChronicleJournal journal;
    private final Supplier<List<RuleFile>> rules;
    private final InstantSource clock;
    private final AtomicBoolean isBusy = new AtomicBoolean();
    private final AtomicBoolean isHolding = new AtomicBoolean();

    /** @param rules the files that run now */
    public BackupDesk(
            Path data,
            Database database,
            ChronicleJournal journal,
            Supplier<List<RuleFile>> rules,
            InstantSource clock) {
        this.data = data;
        this.database = database;
        this.journal = journal;
        this.rules = rules;
        this.clock = clock;
    }

    /** Removes what a backup left that the process did not outlive. Before the first is taken. */
    public void clear() throws IOException {
        removeAll(data.resolve(FOLDER));
    }

    /** Whether the journal must not let go of anything just now. */
    public boolean isHoldingJournal() {
        return isHolding.get();
    }

    /**
     * Takes a copy and gives it as a tar. It lies in the data directory until the stream is closed.
     *
     * @throws IllegalStateException while another copy is being taken
     * @throws IOException when the disk refuses; nothing is left behind then
     */
    public InputStream take() throws IOException {
        if (!isBusy.compareAndSet(false, true)) {
            throw new IllegalStateException("a backup is being taken; wait for its end");
        }
        Path folder = data.resolve(FOLDER);
        try {
            removeAll(folder);
            Files.createDirectory(folder);
            TarStream tar = copy(folder);
            return new FilterInputStream(tar.read()) {
                @Override
                public void close() throws IOException {
                    try {
                        super.close();
                    } finally {
                        end(folder);
                    }
                }
            };
        } catch (IOException | RuntimeException failed) {
            end(folder);
            throw failed;
        }
    }

    private TarStream copy(Path folder) throws IOException {
        Instant at = clock.instant();
        TarStream tar = new TarStream(at);
        isHolding.set(true);
        try {
            Path zip = folder.resolve("db.zip");
            boolean hasFile = database.copyTo(zip);
            journal.linkSealed(folder.resolve("journal"));
            if (hasFile) {
                addDatabase(tar, zip);
            }
        } finally {
            isHolding.set(false);
        }
        addJournal(tar, folder.resolve("journal"));
        for (String name : KEPT) {
            Path file = data.resolve(name);
            if (Files.exists(file)) {
                addBytes(tar, name, Files.readAllBytes(file));
            }
        }
        addRules(tar);
        return tar;
    }

    private void addRules(TarStream tar) {
        List<RuleFile> files = rules.get();
        for (int i = 0; i < files.size(); i++) {
            String plain =
                    String.valueOf(Path.of(files.get(i).name()).getFileName()).replaceAll("[^A-Za-z0-9._-]", "_");
            String name = plain.substring(Math.max(0, plain.length() - MOST_RULE_NAME));
            addBytes(
                    tar,
                    "rules/" + (files.size() == 1 ? name : "%02d-%s".formatted(i, name)),
                    files.get(i).text().getBytes(StandardCharsets.UTF_8));
        }
    }

    private static void addBytes(TarStream tar, String name, byte[] content) {
        tar.add(new TarHeader(name, content.length), () -> new ByteArrayInputStream(content));
    }

    private static void addDatabase(TarStream tar, Path zip) throws IOException {
        long size;
        try (ZipFile file = new ZipFile(zip.toFile())) {
            size = entry(file).getSize();
        }
        tar.add(new TarHeader(DATABASE, size), () -> {
            ZipFile file = new ZipFile(zip.toFile());
            return new FilterInputStream(file.getInputStream(entry(file))) {
                @Override
                public void close() throws IOException {
                    super.close();
                    file.close();
                }
            };
        });
    }

    private static ZipEntry entry(ZipFile file) throws IOException {
        return file.stream()
                .filter(entry -> entry.getName().endsWith(".mv.db"))
                .map(ZipEntry.class::cast)
                .findFirst()
                .orElseThrow(() -> new IOException(file.getName() + " holds no database"));
    }

    private static void addJournal(TarStream tar, Path journal) throws IOException {
        try (Stream<Path> files = Files.walk(journal)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                String name = "journal/" + journal.relativize(file);
                tar.add(new TarHeader(name, Files.size(file)), () -> Files.newInputStream(file));
            }
        }
    }

    private void end(Path folder) throws IOException {
        try {
            removeAll(folder);
        } finally {
            isBusy.set(false);
        }
    }

    private static void removeAll(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
