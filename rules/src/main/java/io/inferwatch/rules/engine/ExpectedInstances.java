package io.inferwatch.rules.engine;

import io.inferwatch.rules.AlertKey;

/** Tells which silent instances are still supposed to be there: their server or GPU is configured or discovered. */
@FunctionalInterface
public interface ExpectedInstances {
    /** Nothing ever leaves. */
    ExpectedInstances ALL = key -> true;

    /** Asked at each tick of instances that missing data fires. Called by the tick thread. */
    boolean isExpected(AlertKey key);
}
