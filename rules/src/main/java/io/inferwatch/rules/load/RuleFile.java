package io.inferwatch.rules.load;

/** The text of one rules file and the name that stands in its problems. */
public record RuleFile(String name, String text) {}
