package io.inferwatch.api.cli;

import io.inferwatch.api.backup.TarFolder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code inferwatch backup DIR}: a copy that can be started as it is, with {@code --data DIR}. */
@Command(name = "backup", description = "Copies a running sidecar's data into a new directory.")
final class BackupCommand extends ClientCommand {
    private static final String DATABASE = "db/inferwatch.mv.db";

    @Parameters(paramLabel = "DIR", description = "where to; must not exist, or be empty")
    Path directory = Path.of("");

    @Override
    int run(ApiClient api) {
        Path target = directory.toAbsolutePath().normalize();
        Path partial = target.resolveSibling(target.getFileName() + ".partial");
        try {
            requireEmpty(target);
            try (InputStream tar = api.postStream("/api/v1/backup")) {
                Files.createDirectories(
                        partial, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
                Progress progress = new Progress(System.err, System::nanoTime);
                long bytes =
                        new TarFolder(partial, sofar -> progress.tell(() -> (sofar >> 20) + " MiB so far")).unpack(tar);
                Files.move(partial, target, StandardCopyOption.REPLACE_EXISTING);
                tell(target, bytes);
            } finally {
                removeAll(partial);
            }
            return 0;
        } catch (IOException e) {
            throw new CommandFailure(InferwatchCommand.WRONG, "no backup was made: " + e);
        }
    }

    private static void requireEmpty(Path target) throws IOException {
        if (!Files.exists(target)) {
            return;
        }
        if (!Files.isDirectory(target)) {
            throw new CommandFailure(InferwatchCommand.USAGE, target + " is a file; name a new directory");
        }
        try (Stream<Path> files = Files.list(target)) {
            if (files.findAny().isPresent()) {
                throw new CommandFailure(InferwatchCommand.USAGE, target + " is not empty; name a new directory");
            }
        }
    }

    private void tell(Path target, long bytes) {
        boolean hasDatabase = Files.exists(target.resolve(DATABASE));
        if (asJson()) {
            Map<String, Object> told = new LinkedHashMap<>();
            told.put("directory", target.toString());
            told.put("bytes", bytes);
            told.put("database", hasDatabase);
            System.out.println(Json.text(told));
        } else {
            System.out.println(
                    (bytes >> 10) + " KiB in " + target + "; start it with: inferwatch run --data " + target);
        }
        if (!hasDatabase) {
            System.err.println("inferwatch: warning: the windows lie in PostgreSQL and are not in this copy;"
                    + " take pg_dump first, then inferwatch backup within ten minutes");
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
