package io.inferwatch.histograms.store;

import io.inferwatch.histograms.Resolution;

/**
 * The composed keys. One 64-bit key clusters rows in H2 without a second index, and its order is the order in which rows
 * are written and dropped: windows that closed together lie together, and so do the rows of one resolution and hour.
 *
 * <pre>
 * recent   window since the epoch (10 s) &lt;&lt; 20 | shard            shard = series id / 32
 * block    resolution &lt;&lt; 50 | hour since the epoch &lt;&lt; 26 | series id
 * </pre>
 */
final class RowIds {
    static final int SERIES_PER_SHARD = 32;
    static final int WINDOWS_PER_HOUR = 360;
    private static final int SHARD_BITS = 20;
    private static final int SERIES_BITS = 26;
    private static final int RESOLUTION_SHIFT = 50;
    private static final long TEN_SECONDS_MILLIS = Resolution.TEN_SECONDS.millis();
    private static final long HOUR_MILLIS = Resolution.HOUR.millis();

    private RowIds() {}

    static int shard(int seriesId) {
        return seriesId / SERIES_PER_SHARD;
    }

    static long recent(long startMillis, int shard) {
        return (startMillis / TEN_SECONDS_MILLIS) << SHARD_BITS | shard;
    }

    static long recentStartMillis(long id) {
        return (id >>> SHARD_BITS) * TEN_SECONDS_MILLIS;
    }

    static int recentShard(long id) {
        return (int) (id & ((1 << SHARD_BITS) - 1));
    }

    static long block(Resolution resolution, long hourStartMillis, int seriesId) {
        return stored(resolution) << RESOLUTION_SHIFT | (hourStartMillis / HOUR_MILLIS) << SERIES_BITS | seriesId;
    }

    /** Above the id of every block of this resolution. */
    static long endOfBlocks(Resolution resolution) {
        return (stored(resolution) + 1) << RESOLUTION_SHIFT;
    }

    static long blockHourMillis(long id) {
        return ((id & ((1L << RESOLUTION_SHIFT) - 1)) >>> SERIES_BITS) * HOUR_MILLIS;
    }

    static int blockSeries(long id) {
        return (int) (id & ((1L << SERIES_BITS) - 1));
    }

    /** The number that stands for a resolution in the database; never renumbered. */
    static long stored(Resolution resolution) {
        return switch (resolution) {
            case TEN_SECONDS -> 0;
            case MINUTE -> 1;
            case TEN_MINUTES -> 2;
            case HOUR -> 3;
        };
    }
}
