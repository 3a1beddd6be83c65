package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.Blocks;
import io.inferwatch.system.support.Blocks.Block;
import io.inferwatch.system.support.Launcher;
import io.inferwatch.system.support.RunningSidecar;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code docs/first-hour.md} is a true transcript: its files are written, its commands typed, and what they print compared, but for
 * times, ids, numbers and the width of columns. The clone is one of this repository; it is given what is built here, for
 * nothing is built twice.
 */
class FirstHourTest {
    private static final Path PYTHON = Path.of("/usr/bin/python3");
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /** What only looks, and may be asked again until it sees what has to come. */
    private static final List<String> LOOKS =
            List.of("./inferwatch alerts", "./inferwatch export", "./inferwatch query");

    private static final String BUILDING = "inferwatch: building (the first time takes a few minutes)";

    @TempDir
    Path folder;

    private final int port = RunningSidecar.freePort();
    private final int slackPort = RunningSidecar.freePort();
    private final List<Process> started = new ArrayList<>();

    /** Where commands are typed. */
    private Path here;

    private boolean skipsBuild;

    @BeforeEach
    void beginInTheFolder() {
        here = folder;
    }

    @AfterEach
    void stop() throws InterruptedException {
        for (Process process : started) {
            process.destroy();
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        }
    }

    @Test
    void cloneAndDemo_areTrue() throws IOException, InterruptedException {
        assumeTrue(Files.exists(Launcher.root().resolve(".git")), "not run: no git repository to clone");
        List<Block> blocks = only(Blocks.of("docs/first-hour.md"), "console");
        List<String> lines = blocks.getFirst().text().lines().toList();
        assertThat(lines.subList(0, 3))
                .containsExactly("$ git clone … inferwatch && cd inferwatch", "$ ./inferwatch demo", BUILDING);
        bash("git clone -q --depth 1 'file://" + Launcher.root() + "' inferwatch");
        here = folder.resolve("inferwatch");
        bash("mkdir -p api/target && cp -r '" + Launcher.root().resolve("api/target/inferwatch") + "' api/target/"
                + " && touch api/target/inferwatch/.built");
        // Reads no configuration, the environment neither.
        Path log = start("demo.txt", "bash", "-c", "exec ./inferwatch demo --port " + port);
        seen("./inferwatch demo", here(String.join("\n", lines.subList(3, lines.size()))), () -> read(log));
        assertThat(read(log)).as("the launcher builds nothing anew").doesNotContain(BUILDING);
        type(blocks.get(1).text());
        Process demo = started.getLast();
        // A shell in the background has its children ignore what Ctrl-C sends: ended by the signal beside it.
        demo.destroy();
        assertThat(demo.waitFor(30, TimeUnit.SECONDS)).as("the demo ends").isTrue();
        assertThat(here.resolve("data-demo")).isDirectory();
    }

    @Test
    void transcript_isTrue() throws IOException {
        assumeTrue(Files.isExecutable(PYTHON), "not run: no " + PYTHON + "; apt-get install python3");
        // Of the tree that is built here, which is not to be built by a test.
        skipsBuild = true;
        Files.createSymbolicLink(folder.resolve("inferwatch"), Launcher.root().resolve("inferwatch"));
        List<Block> blocks = Blocks.of("docs/first-hour.md");
        int python = blocks.indexOf(only(blocks, "python").getFirst());
        List<Block> yaml = only(blocks, "yaml");
        Files.writeString(folder.resolve("inferwatch.yml"), here(yaml.get(0).text()));
        Files.writeString(folder.resolve("rules.yml"), here(yaml.get(1).text()));
        Path told = start("slack.txt", "python3", "-c", here(blocks.get(python).text()));
        Await.until("the fake Slack listens", PATIENCE, () -> listens(slackPort));
        for (Block block : blocks.subList(python, blocks.size())) {
            if (!block.language().equals("console")) {
                continue;
            }
            if (block.text().startsWith("$ ")) {
                type(block.text());
            } else {
                seen("what Slack is told", block.text(), () -> read(told));
            }
        }
    }

    private static List<Block> only(List<Block> blocks, String language) {
        return blocks.stream()
                .filter(block -> block.language().equals(language))
                .toList();
    }

    /** With ports of our own. */
    private String here(String text) {
        return text.replace(":9477", ":" + port).replace("8085", "" + slackPort);
    }

    /** Each {@code $ command}, its further lines indented, is followed by what it prints. */
    private void type(String session) throws IOException {
        for (String part : session.split("(?m)^\\$ ")) {
            if (part.isBlank()) {
                continue;
            }
            List<String> lines = part.lines().toList();
            int words = 1;
            while (words < lines.size() && lines.get(words).startsWith("    ")) {
                words++;
            }
            String command = here(String.join("\n", lines.subList(0, words)));
            String printed = String.join("\n", lines.subList(words, lines.size()));
            if (command.endsWith(" &")) {
                Path log = start("run.txt", "bash", "-c", "exec " + command.replace(" &", ""));
                seen(command, printed, () -> read(log));
            } else if (LOOKS.stream().anyMatch(command::startsWith)) {
                seen(command, printed, () -> bash(command));
            } else {
                assertThat(plain(bash(command))).as(command).containsPattern(Blocks.wildcard(plain(printed)));
            }
        }
    }

    private static void seen(String what, String printed, Supplier<String> look) {
        String expected = Blocks.wildcard(plain(printed));
        Await.value(
                what + " says: " + printed,
                PATIENCE,
                () -> plain(look.get()),
                text -> Pattern.compile(expected, Pattern.DOTALL).matcher(text).find());
    }

    /** What differs from one run to the next is taken out. */
    private static String plain(String text) {
        return text.replaceAll("[0-9a-f]{24}", "ID")
                .replaceAll("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z", "TIME")
                .replaceAll("[▁▂▃▄▅▆▇█]+", "COURSE")
                .replaceAll("\\d+[hms](\\d+[ms])*", "LENGTH")
                .replaceAll("\\d+(\\.\\d+)?", "N")
                .replaceAll("gpus: .* · rules", "gpus · rules")
                .replaceAll("[ \\t]+", " ")
                .strip();
    }

    private Path start(String log, String... command) throws IOException {
        Path out = folder.resolve(log);
        started.add(builder(command).redirectOutput(out.toFile()).start());
        return out;
    }

    private ProcessBuilder builder(String... command) {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(here.toFile()).redirectErrorStream(true);
        if (skipsBuild) {
            builder.environment().put("INFERWATCH_SKIP_BUILD", "1");
        }
        builder.environment().put("INFERWATCH_HTTP_PORT", port + "");
        // As the host of the transcript is called.
        builder.environment().put("INFERWATCH_HOST_ID", "vm");
        return builder;
    }

    private String bash(String command) {
        try {
            Process process = builder("bash", "-euo", "pipefail", "-c", command).start();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(command + "\n" + out).isZero();
            return out;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
