package io.inferwatch.rules.load;

import io.inferwatch.rules.RuleSet;
import io.inferwatch.rules.yaml.Problem;
import java.util.List;
import java.util.Optional;

/**
 * What became of loading.
 *
 * @param rules empty when there are errors
 * @param problems errors and warnings, by file and position
 */
public record LoadResult(Optional<RuleSet> rules, List<Problem> problems) {
    public LoadResult {
        problems = List.copyOf(problems);
    }
}
