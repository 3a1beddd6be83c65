package io.inferwatch.collector.journal;

/**
 * When a segment is left for a new one. By size, so that the journal's byte limit holds at any speed; and earlier when
 * there is little traffic, because the pages of a mapped file count as this process's memory, once for the writer and
 * once for a reader.
 */
final class SegmentRoll {
    private static final long MOST_BYTES = 16 << 20;
    private static final long QUIET_BYTES = 2 << 20;
    private static final long QUIET_AGE_MILLIS = 60_000;
    /** The limit on the journal is kept by deleting whole segments: this many of them at least. */
    private static final long SEGMENTS_PER_LIMIT = 16;

    private static final int USUAL_BLOCK_MEBIBYTES = 8;
    private static final int LARGE_BLOCK_MEBIBYTES = 64;
    /** Chronicle Queue takes documents up to a quarter of the block; the rest of the quarter is left alone. */
    private static final int USUAL_PAYLOAD_BYTES = (2 << 20) - (4 << 10);

    private final long segmentBytes;

    SegmentRoll(long maxBytes) {
        segmentBytes = Math.min(MOST_BYTES, maxBytes / SEGMENTS_PER_LIMIT);
    }

    boolean isDue(Segment segment, int payloadBytes, long nowEpochMillis) {
        long ageMillis = nowEpochMillis - segment.name().notBeforeEpochMillis();
        boolean isLarge = segment.bytes() >= segmentBytes;
        boolean isQuiet = segment.bytes() >= QUIET_BYTES && ageMillis >= QUIET_AGE_MILLIS;
        boolean isTooFine = blockMebibytes(payloadBytes) > segment.name().blockMebibytes();
        return isTooFine || (!segment.isEmpty() && (isLarge || isQuiet));
    }

    static int blockMebibytes(int payloadBytes) {
        return payloadBytes <= USUAL_PAYLOAD_BYTES ? USUAL_BLOCK_MEBIBYTES : LARGE_BLOCK_MEBIBYTES;
    }
}
