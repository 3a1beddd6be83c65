package io.inferwatch.notifier.channel;

import java.time.Duration;

/**
 * How hard a receiver may be pressed.
 *
 * @param burst notices that may go out at once after a quiet time, 1 or more
 * @param perMinute notices a minute in the long run, 1 or more
 * @param firstBackoff the longest wait after a first failure; doubles with each further one up to 60 s
 * @param patience how long failures go on before the fallback is told as well
 */
public record Pace(int burst, int perMinute, Duration firstBackoff, Duration patience) {
    public Pace {
        if (burst < 1 || perMinute < 1) {
            throw new IllegalArgumentException("burst and perMinute must be at least 1: " + burst + ", " + perMinute);
        }
    }
}
