package io.inferwatch.api.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every block of {@code docs/cookbook.md} is a rules file that passes its own tests, and has at least one. */
class CookbookTest {
    private static final Pattern BLOCK = Pattern.compile("## ([^\n]+)\n.*?```yaml\n(.*?)```", Pattern.DOTALL);

    @TempDir
    Path folder;

    private final PrintStream stdout = System.out;

    @AfterEach
    void giveBack() {
        System.setOut(stdout);
    }

    @Test
    void everyRecipePassesItsTests() throws IOException {
        Matcher recipe = BLOCK.matcher(Files.readString(Path.of("../docs/cookbook.md")));
        List<String> names = new ArrayList<>();
        while (recipe.find()) {
            names.add(recipe.group(1));
            assertThat(recipe.group(2))
                    .as(recipe.group(1))
                    .contains("\ntests:\n")
                    .contains("state: firing");
            Path file = Files.writeString(folder.resolve("rules.yml"), recipe.group(2));
            ByteArrayOutputStream printed = new ByteArrayOutputStream();
            System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
            int code = InferwatchCommand.execute("check", file.toString());
            System.setOut(stdout);
            assertThat(code)
                    .as("%s: %s", recipe.group(1), printed.toString(StandardCharsets.UTF_8))
                    .isZero();
        }
        assertThat(names).hasSize(7);
    }
}
