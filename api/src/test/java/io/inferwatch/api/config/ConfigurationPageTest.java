package io.inferwatch.api.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferwatch.api.app.HttpSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The table of {@code docs/configuration.md} is made of {@link ConfigKey} and of the bounds below, each of which is tried. With
 * {@code -Ddocs.write=true} it is written, else a page that differs fails.
 */
class ConfigurationPageTest {
    private static final Path PAGE = Path.of("../docs/configuration.md");
    private static final String HEAD = "| key | environment | takes | default | meaning |\n|---|---|---|---|---|\n";

    /** The least and the most that is taken, and what is just past them; no most: as much as one likes. */
    private record Bounds(String least, String below, Optional<String> most, Optional<String> above) {
        static Bounds of(String least, String below, String most, String above) {
            return new Bounds(least, below, Optional.of(most), Optional.of(above));
        }

        static Bounds from(String least, String below) {
            return new Bounds(least, below, Optional.empty(), Optional.empty());
        }

        String told() {
            return most.map(highest -> least + " to " + highest).orElse(least + " or more");
        }
    }

    private static final Map<String, Bounds> BOUNDS = Map.ofEntries(
            Map.entry("http.port", Bounds.of("0", "-1", "65535", "65536")),
            Map.entry("journal.sync_every", Bounds.of("1ms", "0s", "10s", "11s")),
            Map.entry("journal.max_bytes", Bounds.from("16MiB", "15MiB")),
            Map.entry("histograms.max_bytes", Bounds.from("4MiB", "3MiB")),
            Map.entry("store.max_bytes", Bounds.from("64MiB", "63MiB")),
            Map.entry("collector.max_lateness", Bounds.of("1s", "999ms", "48h", "49h")),
            Map.entry("collector.max_series_per_metric", Bounds.from("1", "0")),
            Map.entry("gpu.interval", Bounds.of("100ms", "99ms", "1m", "61s")),
            Map.entry("gpu.links_interval", Bounds.of("100ms", "99ms", "1h", "61m")),
            Map.entry("gpu.health_interval", Bounds.of("100ms", "99ms", "1h", "61m")),
            Map.entry("gpu.deadline", Bounds.of("100ms", "99ms", "5m", "301s")),
            Map.entry("remote_write.interval", Bounds.from("1s", "999ms")),
            Map.entry("remote_write.max_bytes", Bounds.from("1MiB", "1023KiB")),
            Map.entry("otlp_export.interval", Bounds.from("1s", "999ms")),
            Map.entry("otlp_export.max_bytes", Bounds.from("1MiB", "1023KiB")));

    /** Keys that take one of a few words; each is tried, and another one. */
    private static final Map<String, List<String>> WORDS = Map.of(
            "journal.ack", List.of("process", "strict"),
            "collector.identity", List.of("hashed", "clear", "drop"),
            "gpu.enabled", List.of("auto", "true", "false"),
            "remote_write.histograms", List.of("native", "classic"));

    private static String takes(ConfigKey key) {
        if (BOUNDS.containsKey(key.name())) {
            return BOUNDS.get(key.name()).told();
        }
        return WORDS.containsKey(key.name())
                ? String.join(", ", WORDS.get(key.name()))
                : key.form().description();
    }

    private static String table() {
        return HEAD
                + ConfigKey.ALL.stream()
                        .map(key -> "| `%s` | `%s` | %s | %s | %s |"
                                .formatted(
                                        key.name(),
                                        key.environmentName(),
                                        takes(key),
                                        key.defaultText().isEmpty() ? "" : "`" + key.defaultText() + "`",
                                        key.meaning().replace("<", "\\<")))
                        .collect(Collectors.joining("\n"))
                + "\n";
    }

    @Test
    void page_holdsEveryKey() throws IOException {
        String page = Files.readString(PAGE);
        int begin = page.indexOf("| key | environment |");
        String after = page.substring(page.indexOf("\n\n", begin) + 1);
        String made = page.substring(0, begin) + table() + after;
        if (Boolean.getBoolean("docs.write")) {
            Files.writeString(PAGE, made);
        }
        assertThat(Files.readString(PAGE))
                .as("docs/configuration.md; ./mvnw -q -pl api -am -Dtest=ConfigurationPageTest"
                        + " -Dsurefire.failIfNoSpecifiedTests=false -Ddocs.write=true test writes it")
                .isEqualTo(made);
    }

    /** Reads everything that judges a value, as a start does. */
    private static void start(String key, String value) {
        Map<String, String> settings = new HashMap<>();
        settings.put("remote_write.url", "http://127.0.0.1:9/api/v1/write");
        settings.put("otlp_export.url", "http://127.0.0.1:9/v1/metrics");
        settings.put("collector.max_series", "100000000");
        settings.put(key, value);
        Configuration configuration = ConfigReader.read(Optional.empty(), Map.of(), settings);
        ModuleConfigs.of(configuration);
        new HttpSettings(configuration);
    }

    @Test
    void bounds_areThoseOfTheCode() {
        BOUNDS.forEach((key, bounds) -> {
            assertThatCode(() -> start(key, bounds.least()))
                    .as("%s: %s", key, bounds.least())
                    .doesNotThrowAnyException();
            assertThatThrownBy(() -> start(key, bounds.below()))
                    .as("%s: %s", key, bounds.below())
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining(key);
            bounds.most()
                    .ifPresent(most -> assertThatCode(() -> start(key, most))
                            .as("%s: %s", key, most)
                            .doesNotThrowAnyException());
            bounds.above()
                    .ifPresent(above -> assertThatThrownBy(() -> start(key, above))
                            .as("%s: %s", key, above)
                            .isInstanceOf(ConfigException.class)
                            .hasMessageContaining(key));
        });
    }

    @Test
    void words_areThoseOfTheCode() {
        WORDS.forEach((key, words) -> {
            words.forEach(word -> assertThatCode(() -> start(key, word))
                    .as("%s: %s", key, word)
                    .doesNotThrowAnyException());
            assertThatThrownBy(() -> start(key, "neither"))
                    .as(key)
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining(key);
        });
    }

    @Test
    void boundsAndWords_areOfKeysThereAre() {
        Set<String> names = ConfigKey.ALL.stream().map(ConfigKey::name).collect(Collectors.toSet());
        assertThat(names).containsAll(BOUNDS.keySet()).containsAll(WORDS.keySet());
    }
}
