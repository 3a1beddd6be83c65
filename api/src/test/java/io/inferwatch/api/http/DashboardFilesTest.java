package io.inferwatch.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The files of the dashboard, as they lie in the jar. */
class DashboardFilesTest {
    private static final Pattern IMPORT = Pattern.compile("from \"(\\./[^\"]+)\"");
    private static final Pattern LOADED = Pattern.compile("(?:src|href)=\"/ui/([^\"]+)\"");

    private static Path folder() {
        URL found = Objects.requireNonNull(DashboardFilesTest.class.getResource("/io/inferwatch/api/ui/index.html"));
        try {
            return Objects.requireNonNull(Path.of(found.toURI()).getParent());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    private static List<Path> scripts() throws IOException {
        try (Stream<Path> files = Files.list(folder())) {
            List<Path> scripts =
                    files.filter(file -> file.toString().endsWith(".js")).toList();
            assertThat(scripts).isNotEmpty();
            return scripts;
        }
    }

    @Test
    void vendoredFiles_areThoseOfTheLock() throws IOException, NoSuchAlgorithmException {
        Path vendor = folder().resolve("vendor");
        List<String> locked = Files.readAllLines(vendor.resolve("vendor.lock")).stream()
                .filter(line -> !line.startsWith("#") && !line.isBlank())
                .toList();
        try (Stream<Path> files = Files.list(vendor)) {
            assertThat(files.filter(file -> !file.endsWith("vendor.lock"))).hasSameSizeAs(locked);
        }
        for (String line : locked) {
            String[] sumAndName = line.split("\\s+", 2);
            byte[] content = Files.readAllBytes(vendor.resolve(sumAndName[1]));
            byte[] sum = MessageDigest.getInstance("SHA-256").digest(content);
            assertThat(HexFormat.of().formatHex(sum)).as(sumAndName[1]).isEqualTo(sumAndName[0]);
        }
    }

    @Test
    void whatIsLoadedAndImported_isThere() throws IOException {
        for (Path script : scripts()) {
            IMPORT.matcher(Files.readString(script))
                    .results()
                    .forEach(found -> assertThat(folder().resolve(found.group(1)))
                            .as(script.getFileName() + " imports it")
                            .exists());
        }
        List<MatchResult> loaded = LOADED.matcher(Files.readString(folder().resolve("index.html")))
                .results()
                .toList();
        assertThat(loaded).hasSizeGreaterThan(3);
        loaded.forEach(found -> assertThat(folder().resolve(found.group(1))).exists());
    }

    /** The content policy forbids it at run time; here it is seen before. */
    @Test
    void noScript_makesMarkupOfText() throws IOException {
        for (Path script : scripts()) {
            assertThat(Files.readString(script))
                    .as(script.getFileName().toString())
                    .doesNotContain(
                            "innerHTML",
                            "outerHTML",
                            "insertAdjacentHTML",
                            "document.write",
                            "eval(",
                            "localStorage",
                            "sessionStorage",
                            "document.cookie");
        }
    }

    @Test
    void everyScript_isShortEnoughToRead() throws IOException {
        for (Path script : scripts()) {
            assertThat(Files.readAllLines(script))
                    .as(script.getFileName().toString())
                    .hasSizeLessThan(400);
        }
    }
}
