package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.Fence;
import io.inferwatch.system.support.Launcher;
import io.inferwatch.system.support.RunningSidecar;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Runs the README from top to bottom, as its reader would, beside a running sidecar.
 *
 * <ul>
 *   <li>A {@code sh} block marked {@code sh run} (or whose first line is {@code # run}) is executed by bash, with
 *       {@code -e}, in a folder that holds the launcher {@code inferwatch}. It must exit with 0. Port 9477 is replaced by
 *       the port of the running sidecar.
 *   <li>A {@code console} or {@code json} block marked {@code expected} shows what the {@code sh} block above it prints.
 *       Blanks do not count and {@code …} stands for anything. A block that sends nothing is run again for some seconds
 *       until it prints what is shown, since what was sent may take a moment to be visible.
 *   <li>A {@code yaml} block whose first line is {@code # NAME.yml} is written to that file before the next block runs.
 *       A rules file must pass {@code inferwatch check}.
 *   <li>The set-up commands ({@link #SET_UP}) are not run again: this test runs inside the second of them. What is
 *       expected of {@code ./inferwatch} is held against the running sidecar's own output.
 *   <li>Any other {@code sh} block fails the test, so that no command of the README goes untried.
 * </ul>
 */
class ReadmeTest {
    private static final Set<String> SET_UP = Set.of("./inferwatch", "./mvnw verify", "./inferwatch demo");
    private static final Pattern FILE_NAME = Pattern.compile("# ([A-Za-z0-9_.-]+\\.ya?ml)\\b.*\\n");
    private static final Duration SHOWN_LIMIT = Duration.ofSeconds(8);

    @Test
    void everyBlockOfTheReadme_doesWhatItSays() throws IOException {
        List<Fence> fences = Fence.allOf(Files.readString(Launcher.root().resolve("README.md")));
        assertThat(fences.stream().filter(Fence::isRun))
                .as("blocks that are run")
                .isNotEmpty();
        try (RunningSidecar sidecar = RunningSidecar.with().start()) {
            sidecar.awaitLog("inferwatch ready");
            Path folder = sidecar.folder();
            Files.createSymbolicLink(
                    folder.resolve("inferwatch"), Launcher.root().resolve("inferwatch"));
            for (int i = 0; i < fences.size(); i++) {
                Fence next = i + 1 < fences.size() ? fences.get(i + 1) : new Fence(0, List.of(""), "");
                tryOut(fences.get(i), next, sidecar);
            }
        }
    }

    private static void tryOut(Fence fence, Fence next, RunningSidecar sidecar) throws IOException {
        Matcher file = FILE_NAME.matcher(fence.text());
        if (fence.isRun()) {
            run(fence, next, sidecar);
        } else if (fence.isShell()) {
            assertThat(SET_UP)
                    .as("README.md:%d: a sh block that is neither run nor set-up", fence.line())
                    .containsAll(fence.text().lines().map(String::strip).toList());
            if (next.isExpected()) {
                String output = sidecar.log()
                        .replace("" + sidecar.port(), "9477")
                        .replace(sidecar.data().toString(), "./data");
                assertThat(output.lines().anyMatch(next::shows))
                        .as("README.md:%d\n%s", next.line(), output)
                        .isTrue();
            }
        } else if (file.lookingAt() && fence.words().getFirst().startsWith("y")) {
            Files.writeString(sidecar.folder().resolve(file.group(1)), fence.text());
            if (fence.text().contains("\nversion:")) {
                Ran check = bash("./inferwatch check " + file.group(1), sidecar);
                assertThat(check.exitCode())
                        .as("README.md:%d\n%s", fence.line(), check.output())
                        .isZero();
            }
        }
    }

    private static void run(Fence fence, Fence next, RunningSidecar sidecar) {
        if (next.isExpected() && !sends(fence)) {
            Await.value(
                    "README.md:" + fence.line() + " prints what line " + next.line() + " shows:\n" + next.text(),
                    SHOWN_LIMIT,
                    () -> bash(fence.text(), sidecar),
                    ran -> ran.exitCode() == 0 && next.shows(ran.output()));
            return;
        }
        Ran ran = bash(fence.text(), sidecar);
        assertThat(ran.exitCode())
                .as("README.md:%d\n%s", fence.line(), ran.output())
                .isZero();
        if (next.isExpected()) {
            assertThat(next.shows(ran.output()))
                    .as("README.md:%d shows\n%s\nbut it prints\n%s", next.line(), next.text(), ran.output())
                    .isTrue();
        }
    }

    private static boolean sends(Fence fence) {
        return Pattern.compile("(\\s-d|\\s-X|\\s--data)").matcher(fence.text()).find();
    }

    private record Ran(int exitCode, String output) {}

    private static Ran bash(String text, RunningSidecar sidecar) {
        try {
            ProcessBuilder builder = new ProcessBuilder(
                            "bash", "-e", "-o", "pipefail", "-c", text.replace("9477", "" + sidecar.port()))
                    .directory(sidecar.folder().toFile())
                    .redirectErrorStream(true);
            builder.environment().put("INFERWATCH_SKIP_BUILD", "1");
            builder.environment().put("INFERWATCH_HTTP_PORT", "" + sidecar.port());
            Process process = builder.start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("still running after 60 s:\n" + text);
            }
            return new Ran(process.exitValue(), output.replace("" + sidecar.port(), "9477"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    @Test
    void shownOutput_isHeldAgainstTheRealOne() {
        Fence shown = Fence.allOf("```json expected\n{\"count\": 1, \"from\": \"…\",\n \"p\": 5}\n```\n")
                .getFirst();

        assertThat(shown.isExpected()).isTrue();
        assertThat(shown.shows("{\"count\":1,\"from\":\"2026-11-20T12:00:00Z\",\"p\":5}"))
                .isTrue();
        assertThat(shown.shows("{\"count\":2,\"from\":\"2026-11-20T12:00:00Z\",\"p\":5}"))
                .isFalse();
        assertThat(shown.shows("{\"count\":1,\"from\":\"x\",\"p\":5} more")).isFalse();
    }
}
