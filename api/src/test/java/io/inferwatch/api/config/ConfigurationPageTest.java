package io.inferwatch.api.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** {@code docs/configuration.md} has one row a key, in the words of {@link ConfigKey}. */
class ConfigurationPageTest {

    private static String table() {
        return ConfigKey.ALL.stream()
                .map(key -> "| `%s` | `%s` | %s | %s |"
                        .formatted(
                                key.name(),
                                key.environmentName(),
                                key.defaultText().isEmpty() ? "" : "`" + key.defaultText() + "`",
                                key.meaning().replace("<", "\\<")))
                .collect(Collectors.joining("\n"));
    }

    @Test
    void page_holdsEveryKey() throws IOException {
        String page = Files.readString(Path.of("../docs/configuration.md"));
        assertThat(page)
                .as("docs/configuration.md; the table should read:\n%s\n", table())
                .contains(table());
    }
}
