package io.inferwatch.rules.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.rules.testing.JsonSchema;
import io.inferwatch.rules.testing.RuleTexts;
import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlNode.Mapping;
import io.inferwatch.rules.yaml.YamlReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The schema for editors says what the loader says, as far as a schema can. */
class RulesSchemaTest {
    private static final JsonSchema SCHEMA = new JsonSchema(read("rules.schema.json", RuleLoader.schema()));

    private static Mapping read(String name, String text) {
        Problems problems = new Problems();
        Mapping mapping = YamlReader.read(name, text, problems).orElseThrow();
        assertThat(problems.list()).isEmpty();
        return mapping;
    }

    private static String wholeLanguage() throws IOException {
        try (InputStream in = RulesSchemaTest.class.getResourceAsStream("/io/inferwatch/rules/whole-language.yml")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void takesThePackAndAFileThatUsesEverything() throws IOException {
        assertThat(SCHEMA.faults(read("builtin.yml", RuleLoader.builtin().text())))
                .isEmpty();
        assertThat(SCHEMA.faults(read("whole.yml", wholeLanguage()))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "version: 1 | version: 2",
                "agg: p95 | agg: p95th",
                "policy: clear | policy: forget",
                "for: 10m | for: soon",
                "to: trailing | to: yesterday",
                "as: drop | as: fraction",
                "after: deploy | after: lunch",
                "above: 2x | abve: 2x",
                "at_least: 50% | at_most: 50%",
                "weight: 40 | weight: 0",
                "until: | unti:",
                "to: [ops] | also: maybe",
                "state: pending | state: waiting",
                "unit: percent | unit: furlong",
            })
    void refusesWhatTheLoaderRefuses(String from, String to) throws IOException {
        String good = wholeLanguage();
        assertThat(good).contains(from);
        int at = good.indexOf(from);
        String wrong = good.substring(0, at) + to + good.substring(at + from.length());
        assertThat(RuleTexts.errors(wrong)).as("loader").isNotEmpty();
        assertThat(SCHEMA.faults(read("wrong.yml", wrong))).as("schema").isNotEmpty();
    }

    @Test
    void everyKeyOfTheSchemaIsOneTheLoaderKnows() {
        List<String> odd = List.of("version: 1\nrules: {r: {oops: 1, tiers: {P2: {signal: x, above: 1}}}}\n");
        odd.forEach(text -> assertThat(SCHEMA.faults(read("odd.yml", text))).anyMatch(f -> f.contains("oops")));
    }
}
