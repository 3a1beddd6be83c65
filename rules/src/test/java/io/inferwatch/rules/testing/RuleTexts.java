package io.inferwatch.rules.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.rules.RuleSet;
import io.inferwatch.rules.load.LoadResult;
import io.inferwatch.rules.load.ReceiverChecker;
import io.inferwatch.rules.load.RuleFile;
import io.inferwatch.rules.load.RuleLoader;
import io.inferwatch.rules.yaml.Problem;
import java.util.List;
import java.util.Set;

/** Rule sets from text, for tests. */
public final class RuleTexts {
    private RuleTexts() {}

    public static LoadResult load(String text) {
        return new RuleLoader(Set.of(), ReceiverChecker.NONE).load(List.of(new RuleFile("rules.yml", text)));
    }

    public static RuleSet rules(String text) {
        LoadResult result = load(text);
        assertThat(result.problems()).filteredOn(p -> !p.warning()).isEmpty();
        return result.rules().orElseThrow();
    }

    /** The errors as they are printed. */
    public static List<String> errors(String text) {
        return load(text).problems().stream()
                .filter(p -> !p.warning())
                .map(Problem::toString)
                .toList();
    }

    public static List<String> warnings(String text) {
        return load(text).problems().stream()
                .filter(Problem::warning)
                .map(Problem::toString)
                .toList();
    }
}
