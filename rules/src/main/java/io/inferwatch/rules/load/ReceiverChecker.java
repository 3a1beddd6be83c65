package io.inferwatch.rules.load;

import io.inferwatch.rules.NotificationPlan.Receiver;
import io.inferwatch.rules.NotificationPlan.Watchdog;
import io.inferwatch.rules.yaml.Problems;

/** Checks a receiver's own settings: the channels know them, this module does not. Must not read a secret. */
@FunctionalInterface
public interface ReceiverChecker {
    /** Takes every setting as it is. */
    ReceiverChecker NONE = (receiver, problems) -> {};

    /** @param receiver its settings hold {@code type} and {@code fallback} too, which are checked already */
    void check(Receiver receiver, Problems problems);

    /** @param watchdog its keys are checked already, its address is not */
    default void check(Watchdog watchdog, Problems problems) {}
}
