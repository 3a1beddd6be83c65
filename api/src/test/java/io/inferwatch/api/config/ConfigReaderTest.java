package io.inferwatch.api.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigReaderTest {
    @TempDir
    Path directory;

    private Configuration read(String yaml, Map<String, String> environment, Map<String, String> flags)
            throws IOException {
        Path file = Files.writeString(directory.resolve("inferwatch.yml"), yaml);
        return ConfigReader.read(Optional.of(file), environment, flags);
    }

    @Test
    void defaults_areThoseOfTheContract() throws IOException {
        Configuration configuration = read("", Map.of(), Map.of());
        assertThat(configuration.text("http.host")).isEqualTo("127.0.0.1");
        assertThat(configuration.integer("http.port")).isEqualTo(9477);
        assertThat(configuration.duration("journal.sync_every")).isEqualTo(Duration.ofMillis(100));
        assertThat(configuration.bytes("journal.max_bytes")).isEqualTo(2L << 30);
        assertThat(configuration.durationMap("store.retention")).containsEntry("10s", Duration.ofDays(2));
        assertThat(configuration.texts("collector.labels.latency"))
                .containsExactly("model", "model_version", "route", "server");
    }

    @Test
    void flag_beatsEnvironment_whichBeatsFile() throws IOException {
        String yaml = "http: {port: 1, host: localhost}\njournal: {ack: strict}\n";
        Configuration configuration = read(
                yaml, Map.of("INFERWATCH_HTTP_PORT", "2", "INFERWATCH_HTTP_HOST", "::1"), Map.of("http.port", "3"));
        assertThat(configuration.integer("http.port")).isEqualTo(3);
        assertThat(configuration.text("http.host")).isEqualTo("::1");
        assertThat(configuration.text("journal.ack")).isEqualTo("strict");
        assertThat(configuration.setting("http.port").origin()).isEqualTo("flag");
        assertThat(configuration.setting("http.host").origin()).isEqualTo("INFERWATCH_HTTP_HOST");
        assertThat(configuration.setting("journal.ack").origin()).isEqualTo("inferwatch.yml:2");
    }

    @Test
    void defaultWrittenOut_isStillTheDefault() throws IOException {
        assertThat(read("", Map.of(), Map.of()).setting("rules.file").isDefault())
                .isTrue();
        assertThat(read("rules: {file: ./rules.yml}\n", Map.of(), Map.of())
                        .setting("rules.file")
                        .isDefault())
                .isTrue();
        assertThat(read("rules: {file: ./mine.yml}\n", Map.of(), Map.of())
                        .setting("rules.file")
                        .isDefault())
                .isFalse();
    }

    @Test
    void environment_takesListsAsInlineYaml() throws IOException {
        Configuration configuration =
                read("", Map.of("INFERWATCH_NOTIFIER_ALLOWED_HOSTS", "['http://127.0.0.1:8085', slack.com]"), Map.of());
        assertThat(configuration.texts("notifier.allowed_hosts")).containsExactly("http://127.0.0.1:8085", "slack.com");
    }

    @Test
    void unknownOrMalformedVariable_isOneWarningEach() throws IOException {
        Configuration configuration = read(
                "",
                Map.of(
                        "INFERWATCH_SERVICE_HOST", "10.0.0.1",
                        "INFERWATCH_PORT_9477_TCP", "tcp://10.0.0.1:9477",
                        "INFERWATCH_HTTP_PORT", "tcp://x"),
                Map.of());
        assertThat(configuration.warnings()).hasSize(3).anyMatch(warning -> warning.startsWith("INFERWATCH_HTTP_PORT"));
        assertThat(configuration.integer("http.port")).isEqualTo(9477);
    }

    @Test
    void everyProblem_isNamed_withPlaceAndHint() {
        assertThatThrownBy(
                        () -> read("http:\n  prot: 1\n  port: many\njournal: 7\nretention: {}\n", Map.of(), Map.of()))
                .isInstanceOfSatisfying(
                        ConfigException.class,
                        e -> assertThat(e.problems())
                                .anySatisfy(p -> assertThat(p)
                                        .startsWith("inferwatch.yml:2:3")
                                        .contains("http.prot")
                                        .contains("did you mean \"http.port\"?"))
                                .anySatisfy(p -> assertThat(p)
                                        .startsWith("inferwatch.yml:3:9")
                                        .contains("\"many\" is not a whole number"))
                                .anySatisfy(p -> assertThat(p)
                                        .startsWith("inferwatch.yml:4:1")
                                        .contains("journal"))
                                .anySatisfy(p -> assertThat(p)
                                        .startsWith("inferwatch.yml:5:1")
                                        .contains("retention")));
    }

    @Test
    void mistypedGroup_isHintedAt() {
        assertThatThrownBy(() -> read("htp: {port: 1}\n", Map.of(), Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("did you mean \"http\"?");
    }

    @Test
    void missingFile_isAnError_onlyWhenAskedFor() {
        Path missing = directory.resolve("missing.yml");
        assertThatThrownBy(() -> ConfigReader.read(Optional.of(missing), Map.of(), Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("missing.yml");
    }

    @Test
    void everyDefault_isOfItsForm() {
        assertThat(ConfigKey.ALL).allSatisfy(key -> assertThat(key.meaning()).isNotBlank());
        assertThat(ConfigReader.read(Optional.empty(), Map.of(), Map.of()).settings())
                .hasSameSizeAs(ConfigKey.ALL);
        assertThat(ConfigReader.read(Optional.empty(), Map.of(), Map.of()).settings())
                .allSatisfy(setting ->
                        assertThat(Forms.misfit(setting.key(), setting.value())).isEmpty());
    }
}
