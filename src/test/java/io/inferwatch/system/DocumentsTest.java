package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.inferwatch.system.support.Blocks;
import io.inferwatch.system.support.Blocks.Block;
import io.inferwatch.system.support.Launcher;
import io.inferwatch.system.support.RunningSidecar;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The commands of the documents under {@code docs/}. A block {@code sh} begins with {@code # run}, and is run here by bash beside a
 * running sidecar, or says {@code # not run here: } and why. A {@code json} object after it names keys that its answer has.
 */
class DocumentsTest {
    private static final String DOCUMENTED_PORT = ":9477";
    private static final String BACKUPS = "/var/backups";

    private static List<String> documents() throws IOException {
        Path root = Launcher.root();
        try (Stream<Path> files = Files.walk(root.resolve("docs"))) {
            return files.filter(file -> file.toString().endsWith(".md"))
                    .map(file -> root.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    @Test
    void everyCommandBlock_isRun_orSaysWhyNot() throws IOException {
        List<String> silent = new ArrayList<>();
        for (String document : documents()) {
            for (Block block : Blocks.of(document)) {
                boolean isMarked = block.isRun() || block.text().startsWith("# not run here: ");
                if (block.language().isEmpty() || (block.language().equals("sh") && !isMarked)) {
                    silent.add(
                            document + ": " + block.text().lines().findFirst().orElse(""));
                }
            }
        }
        assertThat(silent).isEmpty();
    }

    @Test
    void commands_work() throws Exception {
        String rules = Blocks.of("docs/cookbook.md").getFirst().text();
        int ran = 0;
        try (RunningSidecar sidecar = RunningSidecar.with().rules(rules).start()) {
            Files.createSymbolicLink(
                    sidecar.folder().resolve("inferwatch"), Launcher.root().resolve("inferwatch"));
            for (String document : documents()) {
                List<Block> blocks = Blocks.of(document);
                for (int i = 0; i < blocks.size(); i++) {
                    if (blocks.get(i).isRun()) {
                        Block next = i + 1 < blocks.size() ? blocks.get(i + 1) : blocks.get(i);
                        work(document, blocks.get(i), next, sidecar);
                        ran++;
                    }
                }
            }
        }
        assertThat(ran).isGreaterThanOrEqualTo(8);
    }

    private static void work(String document, Block block, Block next, RunningSidecar sidecar) throws Exception {
        String answer = bash(block.text(), sidecar);
        assertThat(answer).as(document + ": " + block.text()).doesNotContainPattern("\"status\": ?[45]\\d\\d");
        if (next.language().equals("json") && next.text().startsWith("{")) {
            JsonNode shown =
                    new ObjectMapper().readTree(next.text().replace("…}", "}").replace("{…", "{"));
            JsonNode given = new ObjectMapper().readTree(answer);
            shown.fieldNames()
                    .forEachRemaining(key -> assertThat(given.has(key))
                            .as("%s: %s is answered with %s, which has no %s", document, block.text(), answer, key)
                            .isTrue());
        }
    }

    private static String bash(String text, RunningSidecar sidecar) throws IOException, InterruptedException {
        String script = text.replace(DOCUMENTED_PORT, ":" + sidecar.port())
                .replace(BACKUPS, sidecar.folder().resolve("backups").toString());
        ProcessBuilder builder = new ProcessBuilder("bash", "-euo", "pipefail", "-c", script)
                .directory(sidecar.folder().toFile())
                .redirectErrorStream(true);
        Files.createDirectories(sidecar.folder().resolve("backups"));
        builder.environment().put("INFERWATCH_SKIP_BUILD", "1");
        builder.environment().put("INFERWATCH_HTTP_PORT", sidecar.port() + "");
        builder.environment().merge("PATH", sidecar.folder().toString(), (path, own) -> own + ":" + path);
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(script + "\n" + out).isZero();
        return out.strip();
    }
}
