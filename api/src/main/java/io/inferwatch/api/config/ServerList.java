package io.inferwatch.api.config;

import io.inferwatch.rules.yaml.Problem;
import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlNode;
import io.inferwatch.rules.yaml.YamlNode.Mapping;
import io.inferwatch.rules.yaml.YamlNode.Scalar;
import io.inferwatch.rules.yaml.YamlNode.Sequence;
import io.inferwatch.rules.yaml.YamlReader;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The model servers of this host: the section {@code servers}, and the files it names.
 *
 * @param written those that stand in the configuration itself
 * @param files where more of the same stand: paths whose last part may be a glob
 */
public record ServerList(List<ServerSetting> written, List<String> files) {
    private static final int MOST_FILES = 1_000;
    /** Each is a thread of its own. */
    private static final int MOST_SERVERS = 256;

    public ServerList {
        written = List.copyOf(written);
        files = List.copyOf(files);
    }

    /** @param problems gets what is wrong, with its place */
    public static ServerList read(YamlNode section, List<String> problems) {
        List<String> files = new ArrayList<>();
        if (section instanceof Sequence sequence) {
            for (YamlNode item : sequence.items()) {
                if (item instanceof Mapping mapping) {
                    files.addAll(filesOf(mapping));
                }
            }
        }
        return new ServerList(ServerSetting.read(section, problems), files);
    }

    /** Those of the files too, as they are now. A name that stands twice is taken where it stands first. */
    public List<ServerSetting> now(List<String> problems) {
        List<ServerSetting> all = new ArrayList<>(written);
        for (Path path : paths(problems)) {
            try {
                Problems inFile = new Problems();
                Optional<Mapping> root = YamlReader.read(path.toString(), Files.readAllBytes(path), inFile);
                inFile.list().stream().map(Problem::toString).forEach(problems::add);
                root.flatMap(mapping -> mapping.get("servers"))
                        .ifPresentOrElse(
                                section -> all.addAll(inFile(path, section, problems)),
                                () -> problems.add(path + ": the key servers with a list of servers is expected"));
            } catch (IOException e) {
                problems.add(path + ": cannot be read: " + e);
            }
        }
        return unique(all, problems);
    }

    private static List<ServerSetting> inFile(Path path, YamlNode section, List<String> problems) {
        List<ServerSetting> servers = ServerSetting.read(section, problems);
        servers.stream()
                .filter(server -> server.proxy().isPresent())
                .forEach(server -> problems.add(path + ": the proxy of \"" + server.name()
                        + "\" is not opened; put it into the configuration itself"));
        return servers;
    }

    /** Changes when a file comes, goes, or is written; cheap enough to ask every second. */
    public String fingerprint() {
        StringBuilder print = new StringBuilder();
        for (Path path : paths(new ArrayList<>())) {
            print.append(path);
            try {
                print.append(Files.getLastModifiedTime(path)).append(Files.size(path));
            } catch (IOException e) {
                print.append("gone");
            }
        }
        return print.toString();
    }

    private List<Path> paths(List<String> problems) {
        TreeSet<Path> found = new TreeSet<>();
        for (String location : files) {
            Path path = Path.of(location);
            Path parent = path.getParent() == null ? Path.of(".") : path.getParent();
            String last = String.valueOf(path.getFileName());
            if (!Files.isDirectory(parent)) {
                continue;
            }
            try (DirectoryStream<Path> listed = Files.newDirectoryStream(parent, last)) {
                listed.forEach(found::add);
            } catch (IOException e) {
                problems.add(location + ": cannot be listed: " + e);
            }
        }
        if (found.size() > MOST_FILES) {
            problems.add(files + ": " + found.size() + " files; at most " + MOST_FILES + " are read");
        }
        return found.stream().limit(MOST_FILES).toList();
    }

    private static List<ServerSetting> unique(List<ServerSetting> servers, List<String> problems) {
        Map<String, ServerSetting> byName = new LinkedHashMap<>();
        for (ServerSetting server : servers) {
            if (byName.putIfAbsent(server.name(), server) != null) {
                problems.add("servers: the name \"" + server.name() + "\" stands twice");
            }
        }
        if (byName.size() > MOST_SERVERS) {
            problems.add("servers: there are " + byName.size() + "; at most " + MOST_SERVERS + " are read");
        }
        return byName.values().stream().limit(MOST_SERVERS).toList();
    }

    private static List<String> filesOf(Mapping mapping) {
        return mapping
                .get("files")
                .map(node -> node instanceof Sequence list ? list.items() : List.of(node))
                .orElse(List.of())
                .stream()
                .filter(Scalar.class::isInstance)
                .map(node -> ((Scalar) node).text())
                .toList();
    }
}
