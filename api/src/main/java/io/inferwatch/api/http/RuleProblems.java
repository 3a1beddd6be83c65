package io.inferwatch.api.http;

import io.inferwatch.rules.yaml.Problem;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MutableHttpResponse;
import java.util.List;

/** What is wrong with rules, as the API tells it. */
final class RuleProblems {
    private RuleProblems() {}

    static MutableHttpResponse<io.inferwatch.api.http.Problem> unusable(List<Problem> problems, String path) {
        return io.inferwatch.api.http.Problem.answer(
                HttpStatus.UNPROCESSABLE_ENTITY, "the rules cannot be used; errors says why", path, items(problems));
    }

    /** The errors among them. */
    static List<io.inferwatch.api.http.Problem.Item> items(List<Problem> problems) {
        return problems.stream()
                .filter(problem -> !problem.warning())
                .map(problem -> new io.inferwatch.api.http.Problem.Item(
                        problem.message(),
                        problem.path(),
                        problem.position().line(),
                        problem.position().column(),
                        problem.hint().orElse(null)))
                .toList();
    }

    static List<String> warnings(List<Problem> problems) {
        return problems.stream().filter(Problem::warning).map(Problem::toString).toList();
    }
}
