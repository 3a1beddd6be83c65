package io.inferwatch.rules.book;

import io.inferwatch.rules.load.RuleFile;
import io.inferwatch.rules.yaml.Position;
import io.inferwatch.rules.yaml.Problem;
import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlReader;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where rules are read from: a file, a directory ({@code *.yml} and {@code *.yaml} in it, by name), or a path whose last
 * part is a glob. Any thread.
 */
public final class RuleFiles {
    private final String location;

    public RuleFiles(String location) {
        this.location = location;
    }

    public String location() {
        return location;
    }

    /**
     * Whether anything is there. A location that was given and holds nothing is for the caller to judge: by default
     * there need be no rules file.
     */
    public boolean exist() {
        try {
            return !paths().isEmpty();
        } catch (IOException e) {
            return true;
        }
    }

    /** The texts; what cannot be read is a problem. */
    public List<RuleFile> read(Problems problems) {
        List<RuleFile> files = new ArrayList<>();
        try {
            for (Path path : paths()) {
                read(path, problems).ifPresent(text -> files.add(new RuleFile(path.toString(), text)));
            }
        } catch (IOException e) {
            problems.add(problem(location, "cannot be listed: " + e));
        }
        return files;
    }

    /**
     * Where the whole of the rules could be written as one text.
     *
     * @return empty where they are spread over several files, or over a directory or glob with none
     */
    public Optional<String> single() {
        try {
            List<Path> paths = paths();
            boolean isPlain = !isGlob() && !Files.isDirectory(Path.of(location));
            return paths.size() == 1
                    ? Optional.of(paths.getFirst().toString())
                    : Optional.of(location).filter(plain -> isPlain);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Changes when a file comes, goes, or is written; cheap enough to ask every second. */
    public String fingerprint() {
        StringBuilder print = new StringBuilder();
        try {
            for (Path path : paths()) {
                print.append(path).append(' ').append(Files.size(path)).append(' ');
                print.append(Files.getLastModifiedTime(path).toMillis()).append('\n');
            }
        } catch (IOException e) {
            print.append(e);
        }
        return print.toString();
    }

    private static Optional<String> read(Path path, Problems problems) {
        try {
            if (Files.size(path) > YamlReader.MAX_BYTES) {
                String message = Files.size(path) + " bytes; a file may have at most " + YamlReader.MAX_BYTES;
                problems.add(problem(path.toString(), message));
                return Optional.empty();
            }
            return YamlReader.decode(path.toString(), Files.readAllBytes(path), problems);
        } catch (IOException e) {
            problems.add(problem(path.toString(), "cannot be read: " + e));
            return Optional.empty();
        }
    }

    private List<Path> paths() throws IOException {
        int slash = location.lastIndexOf('/') + 1;
        if (isGlob()) {
            return list(Path.of(slash == 0 ? "." : location.substring(0, slash)), location.substring(slash));
        }
        Path path = Path.of(location);
        if (Files.isDirectory(path)) {
            return list(path, "*.{yml,yaml}");
        }
        return Files.exists(path) ? List.of(path) : List.of();
    }

    private boolean isGlob() {
        String last = location.substring(location.lastIndexOf('/') + 1);
        return last.chars().anyMatch(c -> "*?[{".indexOf(c) >= 0);
    }

    private static List<Path> list(Path directory, String glob) throws IOException {
        List<Path> paths = new ArrayList<>();
        if (Files.isDirectory(directory)) {
            try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, glob)) {
                found.forEach(paths::add);
            }
        }
        paths.removeIf(path -> !Files.isRegularFile(path));
        paths.sort(null);
        return paths;
    }

    private static Problem problem(String file, String message) {
        return new Problem(new Position(file, 1, 1), "", message, Optional.empty(), false);
    }
}
