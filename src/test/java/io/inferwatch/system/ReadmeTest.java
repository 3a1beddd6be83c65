package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.Blocks;
import io.inferwatch.system.support.Blocks.Block;
import io.inferwatch.system.support.Launcher;
import io.inferwatch.system.support.RunningSidecar;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The README does what it says. A block {@code sh} whose first line is {@code # run} is run by bash against a running
 * sidecar in the root of the checkout, the README's port replaced by its own, in the order of the file; the {@code json} or
 * {@code text} block after it is what it must print, where {@code …} stands for anything. The {@code console} block is the ready line. Each {@code yaml} block
 * passes {@code inferwatch check}. The two set-up commands are not run here: they are how this test came to run.
 */
class ReadmeTest {
    private static final String README_PORT = ":9477";

    @TempDir
    Path folder;

    private static List<Block> blocks() {
        return Blocks.of("README.md");
    }

    @Test
    void setUp_isTwoCommands() throws IOException {
        assertThat(blocks())
                .filteredOn(block -> block.language().equals("sh") && !block.isRun())
                .extracting(block -> block.text().strip())
                .containsExactly("./inferwatch", "./mvnw verify");
    }

    @Test
    void commands_printWhatTheReadmeShows() throws Exception {
        List<Block> blocks = blocks();
        int ran = 0;
        try (RunningSidecar sidecar = RunningSidecar.with().start()) {
            for (int i = 0; i < blocks.size(); i++) {
                if (blocks.get(i).isRun()) {
                    Block expected = blocks.get(i + 1);
                    assertThat(expected.language())
                            .as("the block after a command")
                            .isIn("json", "text");
                    assertThat(untilItMatches(
                                    blocks.get(i).text(),
                                    sidecar,
                                    expected.text().strip()))
                            .matches(Blocks.wildcard(expected.text().strip()));
                    ran++;
                }
            }
            String readyLine = blocks.stream()
                    .filter(block -> block.language().equals("console"))
                    .findFirst()
                    .orElseThrow()
                    .text()
                    .strip();
            assertThat(readyLine.replaceAll("gpus: .* · rules: \\d+ · data: .*", ""))
                    .isEqualTo("inferwatch ready on http://127.0.0.1" + README_PORT + " · ");
            assertThat(sidecar.log()).contains("inferwatch ready on http://127.0.0.1:");
        }
        assertThat(ran).isEqualTo(3);
    }

    /** What was acknowledged is visible to queries within a second, so a query is asked again for so long. */
    private String untilItMatches(String command, RunningSidecar sidecar, String expected) {
        return Await.value(
                command,
                Duration.ofSeconds(5),
                () -> bash(command.replace(README_PORT, ":" + sidecar.port())),
                out -> out.matches(Blocks.wildcard(expected)));
    }

    private String bash(String script) {
        try {
            Process process = new ProcessBuilder("bash", "-euc", script)
                    .directory(Launcher.root().toFile())
                    .redirectErrorStream(true)
                    .start();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(out).isZero();
            return out.strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void rulesAndConfiguration_passTheCheck() throws IOException {
        List<Block> yaml = blocks().stream()
                .filter(block -> block.language().equals("yaml"))
                .toList();
        assertThat(yaml).hasSize(3);
        for (int i = 0; i < yaml.size(); i++) {
            Path file = Files.writeString(
                    folder.resolve("rules-" + i + ".yml"), yaml.get(i).text());
            Launcher.Ended ended = Launcher.run(folder, Map.of(), "check", file.toString());
            assertThat(ended.exitCode()).as(ended.all()).isZero();
            assertThat(ended.all()).contains("ok: ");
        }
    }

    @Test
    void links_leadToFiles() throws IOException {
        Matcher link = Pattern.compile("\\]\\(([^)#]+)\\)")
                .matcher(Files.readString(Launcher.root().resolve("README.md")));
        List<String> missing = new ArrayList<>();
        while (link.find()) {
            String target = link.group(1);
            if (!target.startsWith("http") && !Files.exists(Launcher.root().resolve(target))) {
                missing.add(target);
            }
        }
        assertThat(missing).isEmpty();
    }
}
