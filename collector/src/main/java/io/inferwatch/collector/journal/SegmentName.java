package io.inferwatch.collector.journal;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a segment's directory: what must be known of a segment without opening it.
 *
 * @param firstSequence no record in it has a smaller number; the segment before ends below
 * @param notBeforeEpochMillis no record in it was received earlier
 * @param blockMebibytes the size of the blocks by which its file is mapped; readers must use the writer's
 */
record SegmentName(long firstSequence, long notBeforeEpochMillis, int blockMebibytes) {
    private static final Pattern FORM = Pattern.compile("(\\d{19})-(\\d{13,18})-(\\d{1,4})m");

    static Optional<SegmentName> parse(String directoryName) {
        Matcher matcher = FORM.matcher(directoryName);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new SegmentName(
                    Long.parseLong(matcher.group(1)),
                    Long.parseLong(matcher.group(2)),
                    Integer.parseInt(matcher.group(3))));
        } catch (NumberFormatException tooLarge) {
            return Optional.empty();
        }
    }

    @Override
    public String toString() {
        return "%019d-%013d-%dm".formatted(firstSequence, notBeforeEpochMillis, blockMebibytes);
    }
}
