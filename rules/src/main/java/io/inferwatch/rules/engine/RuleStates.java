package io.inferwatch.rules.engine;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.rules.Condition.Instances;
import io.inferwatch.rules.Condition.RuleRef;
import io.inferwatch.rules.Truth;
import java.util.Collection;

/** What rules evaluated earlier in the same tick came to. */
interface RuleStates {

    /** Whether the other rule has a matching instance at that tier or above; UNKNOWN only while it is in error. */
    Truth holds(RuleRef ref, LabelSet instance);

    /** How many instances of the other rule there are that share these labels, and how many of them fire. */
    Count count(Instances asked, LabelSet by);

    /** @param isKnown false while that rule is in error */
    record Count(boolean isKnown, int firing, int all) {}

    /** The labels of that rule's instances. */
    Collection<LabelSet> instances(String rule);
}
