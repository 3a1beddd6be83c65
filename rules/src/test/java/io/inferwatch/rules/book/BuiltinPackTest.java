package io.inferwatch.rules.book;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.rules.Rule;
import io.inferwatch.rules.RuleSet;
import io.inferwatch.rules.RuleTest;
import io.inferwatch.rules.load.LoadResult;
import io.inferwatch.rules.load.ReceiverChecker;
import io.inferwatch.rules.load.RuleLoader;
import io.inferwatch.rules.testing.RuleTexts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BuiltinPackTest {
    private static final RuleSet PACK = RuleTexts.rules(RuleLoader.builtin().text());

    @Test
    void passesItsOwnTests() {
        assertThat(new InlineTests(Optional.empty()).run(PACK)).isEmpty();
    }

    @Test
    void loadsWithoutAWarning() {
        assertThat(RuleTexts.load(RuleLoader.builtin().text()).problems()).isEmpty();
    }

    @Test
    void everyRuleIsTestedFiringSilentAndOnMissingData() {
        for (Rule rule : PACK.rules()) {
            List<RuleTest> tests = PACK.tests().stream()
                    .filter(t -> t.rule().equals(rule.name()))
                    .toList();
            assertThat(tests).as(rule.name()).hasSizeGreaterThanOrEqualTo(3);
            assertThat(tests)
                    .as(rule.name() + " firing")
                    .anyMatch(t -> states(t).contains("firing"));
            assertThat(tests)
                    .as(rule.name() + " silent")
                    .anyMatch(t -> states(t).equals(List.of("ok")));
            assertThat(tests)
                    .as(rule.name() + " missing")
                    .anyMatch(t -> t.inputs().stream()
                            .anyMatch(i -> i.values().stream().anyMatch(RuleTest.Step.Missing.class::isInstance)));
        }
    }

    private static List<String> states(RuleTest test) {
        return test.expectations().stream()
                .flatMap(e -> e.state().stream())
                .distinct()
                .toList();
    }

    @Test
    void everyRuleSaysWhatItIsAndHasItsRunbookPage() {
        for (Rule rule : PACK.rules()) {
            assertThat(rule.texts().summary()).as(rule.name()).isPresent();
            assertThat(rule.texts().runbook().orElse("")).endsWith("docs/runbooks/" + rule.name() + ".md");
            assertThat(Files.exists(Path.of("../docs/runbooks/" + rule.name() + ".md")))
                    .as("runbook of " + rule.name())
                    .isTrue();
        }
    }

    @Test
    void isWhatRunsWhenThereIsNoFile() {
        LoadResult result = new RuleLoader(Set.of(), ReceiverChecker.NONE).load(List.of());
        assertThat(result.rules().orElseThrow().rules()).hasSameSizeAs(PACK.rules());
        assertThat(result.rules().orElseThrow().plan().receivers()).containsOnlyKeys("console");
    }
}
