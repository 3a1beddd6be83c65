package io.inferwatch.rules.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class YamlReaderTest {
    private final Problems problems = new Problems();

    private Optional<YamlNode.Mapping> read(String text) {
        return YamlReader.read("f.yml", text, problems);
    }

    private List<String> told() {
        return problems.list().stream().map(Problem::toString).toList();
    }

    @Test
    void nodesKnowWhereTheyStand() {
        YamlNode.Mapping root = read("a:\n  - {b: 1, c: \"2\"}\n").orElseThrow();
        YamlNode.Sequence a = (YamlNode.Sequence) root.get("a").orElseThrow();
        YamlNode.Scalar c = (YamlNode.Scalar)
                ((YamlNode.Mapping) a.items().getFirst()).get("c").orElseThrow();
        assertThat(c.position()).isEqualTo(new Position("f.yml", 2, 15));
        assertThat(c.path()).isEqualTo("a[0].c");
        assertThat(c.text()).isEqualTo("2");
        assertThat(c.quoted()).isTrue();
        assertThat(told()).isEmpty();
    }

    @Test
    void wordsStayText() {
        YamlNode.Mapping root = read("a: on\nb: 22:00\nc: no\n").orElseThrow();
        assertThat(new MappingReader(root, problems).text("a")).contains("on");
        assertThat(new MappingReader(root, problems).text("b")).contains("22:00");
    }

    @Test
    void anEmptyFileIsAnEmptyMapping() {
        assertThat(read("").orElseThrow().entries()).isEmpty();
        assertThat(read("# nothing\n").orElseThrow().entries()).isEmpty();
    }

    @Test
    void anchorsAliasesTagsAndDuplicateKeysAreErrors_allAtOnce() {
        read("a: &x 1\nb: *x\nc: !!int 3\na: 2\n");
        assertThat(told())
                .containsExactly(
                        "f.yml:1:4 a: anchors are not allowed: &x",
                        "f.yml:2:4 b: aliases are not allowed; write the value out",
                        "f.yml:3:4 c: tags are not allowed: tag:yaml.org,2002:int",
                        "f.yml:4:1 a: this key stands already in line 1");
    }

    @Test
    void brokenTextHasItsPosition() {
        assertThat(read("a: [1, 2\nb: }\n")).isEmpty();
        assertThat(told()).singleElement().asString().startsWith("f.yml:2:2: not YAML: ");
    }

    @Test
    void forbiddenCharactersAndBytesHaveTheirPosition() {
        read("a: 1\nb: x\u0007y\n");
        YamlReader.read("f.yml", new byte[] {'a', ':', ' ', 'x', '\n', 'b', (byte) 0xff}, problems);
        assertThat(told())
                .containsExactly("f.yml:2:5: character U+0007 is not allowed in YAML", "f.yml:2:2: not UTF-8");
    }

    @Test
    void depthSizeAndDocumentsAreBounded() {
        read("[".repeat(100_000));
        read("a: " + "x".repeat(YamlReader.MAX_BYTES));
        read("a: 1\n---\nb: 2\n");
        read("- 1\n");
        assertThat(told())
                .containsExactly(
                        "f.yml:1:21 " + "[0]".repeat(20) + ": nested deeper than 20",
                        "f.yml:1:1: 262147 bytes; a file may have at most 262144",
                        "f.yml:3:1: a second document; a file holds one",
                        "f.yml:1:1: a mapping of keys is expected here");
    }

    @Test
    void bytesAreReadAsUtf8() {
        byte[] text = "a: °C\n".getBytes(StandardCharsets.UTF_8);
        assertThat(YamlReader.read("f.yml", text, problems).orElseThrow().get("a"))
                .get()
                .extracting(node -> ((YamlNode.Scalar) node).text())
                .isEqualTo("°C");
    }

    @Test
    void typedReadsSayWhatIsWrong() {
        MappingReader reader = new MappingReader(
                read("d: 90s\nb: 1GiB\nt: \"true\"\nn: 1.5\nl: one\nw: up\nx: 1\n")
                        .orElseThrow(),
                problems);
        assertThat(reader.duration("d")).contains(Duration.ofSeconds(90));
        assertThat(reader.bytes("b")).hasValue(1L << 30);
        assertThat(reader.bool("t")).isEmpty();
        assertThat(reader.integer("n", 0, 5)).isEmpty();
        assertThat(reader.texts("l")).contains(List.of("one"));
        assertThat(reader.oneOf("w", List.of("left", "right"))).isEmpty();
        assertThat(reader.duration("none")).isEmpty();
        reader.refuseUnknown();
        assertThat(told())
                .containsExactly(
                        "f.yml:3:4 t: \"true\" is neither true nor false",
                        "f.yml:4:4 n: 1.5 is no whole number from 0 to 5",
                        "f.yml:6:4 w: \"up\" is none of left, right",
                        "f.yml:7:1 x: unknown key \"x\"; did you mean \"d\"?");
    }

    @Test
    void durationsAndSizesReadAsPeopleWriteThem() {
        assertThat(Durations.parse("100ms")).contains(Duration.ofMillis(100));
        assertThat(Durations.parse("1.5h")).contains(Duration.ofMinutes(90));
        assertThat(Durations.parse("7d")).contains(Duration.ofDays(7));
        assertThat(List.of("5", "m", "-1s", "1w", "0.1ms", "99999999d"))
                .allSatisfy(text -> assertThat(Durations.parse(text)).isEmpty());
        assertThat(Durations.format(Duration.ofSeconds(90))).isEqualTo("1m30s");
        assertThat(Durations.format(Duration.ofDays(2).plusMinutes(5))).isEqualTo("2d5m");
        assertThat(Durations.format(Duration.ZERO)).isEqualTo("0s");
        assertThat(ByteSizes.parse("1.5KiB")).hasValue(1536);
        assertThat(ByteSizes.parse("9999999TiB")).isEmpty();
    }

    @Test
    void characterBeyondSixteenBits_isReadAtEveryOffset() {
        for (int offset = 1_000; offset < 2_100; offset++) {
            Problems problems = new Problems();
            String text = "a: \"" + "x".repeat(offset) + "\uD83D\uDD25\"\n";

            assertThat(YamlReader.read("rules.yml", text, problems))
                    .as("offset %d", offset)
                    .isPresent();
            assertThat(problems.list()).as("offset %d", offset).isEmpty();
        }
    }

    @Test
    void halfACharacterAtTheEnd_isAProblemWithItsPlace() {
        for (int offset : List.of(1, 1_020, 1_021, 1_022, 1_023, 1_024, 1_025)) {
            Problems problems = new Problems();

            assertThat(YamlReader.read("rules.yml", "a: " + "x".repeat(offset) + "\uD83D", problems))
                    .isEmpty();
            assertThat(problems.list()).as("offset %d", offset).isNotEmpty();
        }
    }
}
