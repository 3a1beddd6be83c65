package io.inferwatch.rules.yaml;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Collects all that is wrong with a file before anything fails. Not thread-safe. */
public final class Problems {
    private final List<Problem> all = new ArrayList<>();

    public void error(YamlNode node, String message) {
        all.add(new Problem(node.position(), node.path(), message, Optional.empty(), false));
    }

    public void error(YamlNode node, String message, String hint) {
        all.add(new Problem(node.position(), node.path(), message, Optional.of(hint), false));
    }

    public void warning(YamlNode node, String message) {
        all.add(new Problem(node.position(), node.path(), message, Optional.empty(), true));
    }

    public void add(Problem problem) {
        all.add(problem);
    }

    public boolean hasErrors() {
        return all.stream().anyMatch(problem -> !problem.warning());
    }

    /** In the order they were found. */
    public List<Problem> list() {
        return List.copyOf(all);
    }
}
