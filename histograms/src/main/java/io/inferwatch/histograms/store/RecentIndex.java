package io.inferwatch.histograms.store;

import io.inferwatch.histograms.Resolution;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Which recent rows there are and the highest record each holds, in memory: so that a read or a write touches no row that
 * is not there. Ordered by hour, shard and window. Changed by the writing thread after each commit; a reader that takes
 * its row ids before it begins its transaction misses nothing that was packed meanwhile, because that is in the blocks.
 */
final class RecentIndex {

    /** The recent rows of one hour and one shard: what is packed in one go. */
    record Group(long hourMillis, int shard) {}

    private static final int SHARD_BITS = 20;
    private static final int WINDOW_BITS = 9;
    private final NavigableMap<Long, Long> appliedThrough = new ConcurrentSkipListMap<>();

    private static long key(long hourMillis, int shard, long windowInHour) {
        return ((hourMillis / Resolution.HOUR.millis()) << SHARD_BITS | shard) << WINDOW_BITS | windowInHour;
    }

    private static long key(long id) {
        long start = RowIds.recentStartMillis(id);
        long hour = Resolution.HOUR.startOf(start);
        return key(hour, RowIds.recentShard(id), (start - hour) / Resolution.TEN_SECONDS.millis());
    }

    private static Group group(long key) {
        long hour = (key >>> (WINDOW_BITS + SHARD_BITS)) * Resolution.HOUR.millis();
        return new Group(hour, (int) (key >>> WINDOW_BITS) & ((1 << SHARD_BITS) - 1));
    }

    private static long id(long key) {
        Group group = group(key);
        long window = key & ((1 << WINDOW_BITS) - 1);
        return RowIds.recent(group.hourMillis + window * Resolution.TEN_SECONDS.millis(), group.shard);
    }

    boolean contains(long id) {
        return appliedThrough.containsKey(key(id));
    }

    void put(long id, long appliedThroughOfRow) {
        appliedThrough.put(key(id), appliedThroughOfRow);
    }

    void remove(Collection<Long> ids) {
        ids.forEach(id -> appliedThrough.remove(key(id)));
    }

    int size() {
        return appliedThrough.size();
    }

    /** The rows of a group. */
    List<Long> ids(Group group) {
        List<Long> ids = new ArrayList<>();
        long from = key(group.hourMillis, group.shard, 0);
        appliedThrough.subMap(from, from + RowIds.WINDOWS_PER_HOUR).keySet().forEach(key -> ids.add(id(key)));
        return ids;
    }

    /** The rows of a group that start before the cutoff and hold no record at or past the checkpoint. */
    List<Long> packable(Group group, long cutoffMillis, long checkpoint) {
        List<Long> ids = new ArrayList<>();
        long from = key(group.hourMillis, group.shard, 0);
        for (Map.Entry<Long, Long> row :
                appliedThrough.subMap(from, from + RowIds.WINDOWS_PER_HOUR).entrySet()) {
            long id = id(row.getKey());
            if (row.getValue() < checkpoint && RowIds.recentStartMillis(id) < cutoffMillis) {
                ids.add(id);
            }
        }
        return ids;
    }

    /** The first group of this hour or a later one. */
    Optional<Group> firstOf(long hourMillis) {
        return Optional.ofNullable(appliedThrough.ceilingEntry(key(Math.max(0, hourMillis), 0, 0)))
                .map(found -> group(found.getKey()));
    }

    /** The first group after this one, or the very first. */
    Optional<Group> next(Optional<Group> after) {
        Map.Entry<Long, Long> row = after.isPresent()
                ? appliedThrough.ceilingEntry(key(after.get().hourMillis, after.get().shard, RowIds.WINDOWS_PER_HOUR))
                : appliedThrough.firstEntry();
        return Optional.ofNullable(row).map(found -> group(found.getKey()));
    }
}
