package io.inferwatch.api.config;

import io.inferwatch.collector.catalogue.NearestName;
import io.inferwatch.collector.scrape.ScrapeTarget;
import io.inferwatch.rules.yaml.Durations;
import io.inferwatch.rules.yaml.Problem;
import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlNode;
import io.inferwatch.rules.yaml.YamlNode.Mapping;
import io.inferwatch.rules.yaml.YamlNode.Scalar;
import io.inferwatch.rules.yaml.YamlNode.Sequence;
import io.inferwatch.rules.yaml.YamlReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * What the section {@code servers} says about reading metrics pages; {@link ServerSetting} checks the rest of it.
 *
 * @param written those that stand in the configuration itself
 * @param files where more of the same stand: paths whose last part may be a glob
 */
public record ScrapeSettings(List<ScrapeTarget> written, List<String> files) {
    private static final List<String> SCRAPE_KEYS = List.of("url", "interval");
    private static final int MOST_FILES = 1_000;
    /** Each is a thread of its own. */
    private static final int MOST_SERVERS = 256;

    public ScrapeSettings {
        written = List.copyOf(written);
        files = List.copyOf(files);
    }

    /** @param problems gets what is wrong, with its place */
    public static ScrapeSettings read(YamlNode section, List<String> problems) {
        List<ScrapeTarget> targets = new ArrayList<>();
        List<String> files = new ArrayList<>();
        if (section instanceof Sequence sequence) {
            for (YamlNode item : sequence.items()) {
                if (item instanceof Mapping mapping) {
                    entry(mapping, problems).ifPresent(targets::add);
                    files.addAll(filesOf(mapping));
                }
            }
        }
        return new ScrapeSettings(targets, files);
    }

    /** Those of the files too, as they are now. A name that stands twice is taken where it stands first. */
    public List<ScrapeTarget> now(List<String> problems) {
        List<ScrapeTarget> all = new ArrayList<>(written);
        sections(problems).forEach(section -> all.addAll(read(section, problems).written));
        return unique(all, problems);
    }

    /** The servers of the files as they are now, with all that is said of them. */
    public List<ServerSetting> filed(List<String> problems) {
        return sections(new ArrayList<>()).stream()
                .flatMap(section -> ServerSetting.read(section, problems).stream())
                .toList();
    }

    private List<YamlNode> sections(List<String> problems) {
        List<YamlNode> sections = new ArrayList<>();
        for (Path path : paths(problems)) {
            try {
                Problems inFile = new Problems();
                Optional<Mapping> root = YamlReader.read(path.toString(), Files.readAllBytes(path), inFile);
                inFile.list().stream().map(Problem::toString).forEach(problems::add);
                root.flatMap(mapping -> mapping.get("servers"))
                        .ifPresentOrElse(
                                sections::add,
                                () -> problems.add(path + ": the key servers with a list of servers is expected"));
            } catch (IOException e) {
                problems.add(path + ": cannot be read: " + e);
            }
        }
        return sections;
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

    private static List<ScrapeTarget> unique(List<ScrapeTarget> targets, List<String> problems) {
        Map<String, ScrapeTarget> byName = new LinkedHashMap<>();
        for (ScrapeTarget target : targets) {
            if (byName.putIfAbsent(target.server(), target) != null) {
                problems.add("servers: the name \"" + target.server() + "\" stands twice");
            }
        }
        if (byName.size() > MOST_SERVERS) {
            problems.add("servers: " + byName.size() + " servers to scrape; at most " + MOST_SERVERS + " are read");
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

    private static Optional<ScrapeTarget> entry(Mapping mapping, List<String> problems) {
        Optional<String> name = text(mapping, "name").filter(text -> !text.isBlank());
        Optional<YamlNode> scrape = mapping.get("scrape");
        if (name.isEmpty() || scrape.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(target(name.get(), scrape.get(), problems));
        } catch (IllegalArgumentException wrong) {
            problems.add(place(scrape.get()) + "servers." + wrong.getMessage());
            return Optional.empty();
        }
    }

    private static ScrapeTarget target(String name, YamlNode scrape, List<String> problems) {
        if (scrape instanceof Mapping keys) {
            checkKeys(keys, SCRAPE_KEYS, "servers.scrape.", problems);
            Optional<String> interval = text(keys, "interval");
            Duration every = interval.isEmpty()
                    ? ScrapeTarget.DEFAULT_INTERVAL
                    : Durations.parse(interval.get())
                            .orElseThrow(() -> new IllegalArgumentException("scrape.interval: \"" + interval.get()
                                    + "\" is not a duration such as 1s, 5s, 30s"));
            return new ScrapeTarget(name, address(text(keys, "url").orElse("")), every);
        }
        String url = scrape instanceof Scalar scalar ? scalar.text() : "";
        return new ScrapeTarget(name, address(url), ScrapeTarget.DEFAULT_INTERVAL);
    }

    private static URI address(String text) {
        try {
            return URI.create(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "scrape: \"" + text + "\" is no address; write one such as http://127.0.0.1:8000/metrics");
        }
    }

    private static void checkKeys(Mapping mapping, List<String> known, String prefix, List<String> problems) {
        mapping.entries().forEach((key, entry) -> {
            if (!known.contains(key)) {
                String nearest = NearestName.among(known, key)
                        .map(name -> "; did you mean \"" + name + "\"?")
                        .orElse("; known are " + known);
                problems.add(place(entry.value()) + prefix + key + ": unknown key" + nearest);
            }
        });
    }

    private static Optional<String> text(Mapping mapping, String key) {
        return mapping.get(key).filter(Scalar.class::isInstance).map(node -> ((Scalar) node).text());
    }

    private static String place(YamlNode node) {
        return node.position().file() + ":" + node.position().line() + " ";
    }
}
