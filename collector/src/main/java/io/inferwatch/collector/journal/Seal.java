package io.inferwatch.collector.journal;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is known of a segment once nothing is added to it. Kept beside its file so that a start reads a line instead of
 * the records; where the line is missing or damaged the records are read.
 *
 * @param lastSequence the highest number acknowledged from the segment
 * @param lastReceivedEpochMillis when that record was received
 * @param bytes the segment's size without the holes in its file
 */
record Seal(long lastSequence, long lastReceivedEpochMillis, long bytes) {
    private static final Pattern FORM =
            Pattern.compile("last_sequence=(\\d{1,18}) last_received_ms=(\\d{1,18}) bytes=(\\d{1,18})\n");

    static Optional<Seal> parse(String line) {
        Matcher matcher = FORM.matcher(line);
        return matcher.matches()
                ? Optional.of(new Seal(
                        Long.parseLong(matcher.group(1)),
                        Long.parseLong(matcher.group(2)),
                        Long.parseLong(matcher.group(3))))
                : Optional.empty();
    }

    String line() {
        return "last_sequence=%d last_received_ms=%d bytes=%d\n"
                .formatted(lastSequence, lastReceivedEpochMillis, bytes);
    }
}
