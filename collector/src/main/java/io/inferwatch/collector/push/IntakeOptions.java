package io.inferwatch.collector.push;

import io.inferwatch.collector.Observer;

/**
 * How one body is to be taken.
 *
 * @param strict a record with an unknown field is rejected instead of taken with a warning
 * @param backfill times of long ago are taken; nothing of it touches an alert
 * @param observer who saw what request records tell of: the sender, or a proxy that runs as a process of its own
 */
public record IntakeOptions(boolean strict, boolean backfill, Observer observer) {
    public static final IntakeOptions DEFAULT = new IntakeOptions(false, false);

    public IntakeOptions(boolean strict, boolean backfill) {
        this(strict, backfill, Observer.PUSH);
    }
}
