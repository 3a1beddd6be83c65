package io.inferwatch.notifier.conversation;

import io.inferwatch.rules.Tier;
import java.time.Instant;

/**
 * Somebody has taken an alert on.
 *
 * @param by who, as they or the receiver they used said it
 * @param tier the alert had; once it is more urgent than that, nobody has taken it on
 */
public record Ack(String by, Instant at, Tier tier) {
    /** Whether it still holds for an alert of this tier. */
    public boolean covers(Tier now) {
        return !now.isMoreUrgentThan(tier);
    }
}
