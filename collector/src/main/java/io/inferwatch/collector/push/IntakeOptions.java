package io.inferwatch.collector.push;

/**
 * How one body is to be taken.
 *
 * @param strict a record with an unknown field is rejected instead of taken with a warning
 * @param backfill times of long ago are taken; nothing of it touches an alert
 */
public record IntakeOptions(boolean strict, boolean backfill) {
    public static final IntakeOptions DEFAULT = new IntakeOptions(false, false);
}
