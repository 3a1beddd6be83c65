package io.inferwatch.notifier.outbound;

import java.time.Duration;
import java.util.Optional;

/** How one HTTP call ended. No case repeats the URL or what was sent: both may hold secrets. */
public sealed interface Exchange {

    /**
     * @param body at most 64 KiB; empty when it did not come in time
     * @param complete whether the whole body came
     * @param retryAfter what the server asked for, at most an hour
     */
    record Answer(int status, String body, boolean complete, Optional<Duration> retryAfter) implements Exchange {

        /** A status of 200 to 299. */
        public boolean isSuccess() {
            return status >= 200 && status < 300;
        }
    }

    /**
     * @param mayHaveArrived whether the server may have acted on the request
     */
    record NoAnswer(String reason, boolean mayHaveArrived) implements Exchange {}

    /** The address is not one this sidecar may call; nothing was sent. */
    record Refused(String reason) implements Exchange {}
}
