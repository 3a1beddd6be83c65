package io.inferwatch.rules;

import io.inferwatch.collector.LabelSet;

/** One instance of one rule. */
public record AlertKey(String rule, LabelSet labels) {}
