package io.inferwatch.rules.book;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.rules.Rule;
import io.inferwatch.rules.RuleSet;
import io.inferwatch.rules.RuleTest;
import io.inferwatch.rules.testing.RuleTexts;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A file that uses every word of the language: it loads, and each of its rules does what its tests say. */
class WholeLanguageTest {
    private static RuleSet load() throws IOException {
        try (InputStream in = WholeLanguageTest.class.getResourceAsStream("/io/inferwatch/rules/whole-language.yml")) {
            return RuleTexts.rules(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    @Test
    void passesItsOwnTests() throws IOException {
        assertThat(new InlineTests(Optional.empty()).run(load())).isEmpty();
    }

    @Test
    void everyRuleOfItsOwnIsTestedFiringSilentAndOnMissingData() throws IOException {
        RuleSet rules = load();
        for (Rule rule : rules.rules()) {
            List<RuleTest> tests = rules.tests().stream()
                    .filter(test -> test.rule().equals(rule.name()))
                    .toList();
            assertThat(tests.size())
                    .as(rule.name())
                    .matches(count -> count >= 3 || rule.position().file().equals("builtin.yml"));
        }
    }
}
