package io.inferwatch.rules.engine;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.rules.Condition.RuleRef;
import io.inferwatch.rules.Truth;
import java.util.Collection;

/** What rules evaluated earlier in the same tick came to. */
interface RuleStates {

    /** Whether the other rule has a matching instance at that tier or above; UNKNOWN only while it is in error. */
    Truth holds(RuleRef ref, LabelSet instance);

    /** The labels of that rule's instances. */
    Collection<LabelSet> instances(String rule);
}
