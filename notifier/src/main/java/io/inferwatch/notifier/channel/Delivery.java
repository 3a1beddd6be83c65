package io.inferwatch.notifier.channel;

import java.time.Duration;
import java.util.Optional;

/** How one attempt to tell a receiver something ended. */
public sealed interface Delivery {

    /** The receiver has it. */
    record Delivered(Receipt receipt) implements Delivery {}

    /**
     * Not now.
     *
     * @param after what the receiver itself asked for; it then holds for everything that goes there
     * @param mayHaveArrived whether the receiver may have taken it all the same: a repeat must say so
     */
    record RetryLater(String reason, Optional<Duration> after, boolean mayHaveArrived) implements Delivery {}

    /** Not like this, however often it is tried: the fallback is told instead. */
    record Rejected(String reason) implements Delivery {}
}
