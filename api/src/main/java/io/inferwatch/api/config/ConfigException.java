package io.inferwatch.api.config;

import java.util.List;

/** The configuration cannot be used; says all that is wrong with it, a line each. */
public final class ConfigException extends RuntimeException {
    private final transient List<String> problems;

    public ConfigException(List<String> problems) {
        super(String.join("\n", problems), null, false, false);
        this.problems = List.copyOf(problems);
    }

    public List<String> problems() {
        return problems;
    }
}
