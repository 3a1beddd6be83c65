package io.inferwatch.collector.ids;

import java.util.Arrays;

/**
 * The hashes of the ids taken lately: those of a stretch of time, and never more than a number of them. A ring in the
 * order they came and, over it, a table that finds them; both grow with what is held and shrink again, so that an idle
 * set costs a few kilobytes and a full one (1,000,000 ids) 25 MB.
 *
 * <p>Not thread-safe: its owner holds a lock.
 */
public final class RecentIds {
    private static final int SMALLEST_RING = 256;
    private static final int EMPTY = -1;
    /** Stands for the second of an id that was withdrawn; its place in the ring stays taken until it is the oldest. */
    private static final int WITHDRAWN = Integer.MIN_VALUE;

    private final int mostIds;
    private final long keptForMillis;

    private long[] ringHashes = new long[SMALLEST_RING];
    private int[] ringSeconds = new int[SMALLEST_RING];
    private int oldest;
    private int size;

    /** Positions in the ring; linear probing, at most half full. */
    private int[] table = emptyTable(SMALLEST_RING * 2);

    private long epochBaseMillis = Long.MIN_VALUE;
    private long forgottenEarly;

    public RecentIds(int mostIds, long keptForMillis) {
        if (mostIds < 1 || keptForMillis < 1_000) {
            throw new IllegalArgumentException(
                    "ids kept: " + mostIds + " for " + keptForMillis + " ms; at least 1 for 1 s");
        }
        this.mostIds = mostIds;
        this.keptForMillis = keptForMillis;
    }

    public int size() {
        return size;
    }

    /** Ids that had to go before their time because newer ones needed the room. */
    public long forgottenEarly() {
        return forgottenEarly;
    }

    /** Bytes of memory held. */
    public long heldBytes() {
        return 12L * ringHashes.length + 4L * table.length;
    }

    /** Whether this id was added within the time kept. Call {@link #forgetOld} first. */
    public boolean contains(long hash) {
        return table[slotOf(hash)] != EMPTY;
    }

    /** @param epochMillis when it was taken; never before that of the id added last */
    public void add(long hash, long epochMillis) {
        if (contains(hash)) {
            return;
        }
        if (size == mostIds) {
            forgetOldest();
            forgottenEarly++;
        }
        if (size == ringHashes.length) {
            resize(Math.min(mostIds, ringHashes.length * 2));
        }
        if (epochBaseMillis == Long.MIN_VALUE) {
            epochBaseMillis = epochMillis - Math.floorMod(epochMillis, 1000L);
        }
        int place = (int) ((oldest + (long) size) % ringHashes.length);
        ringHashes[place] = hash;
        ringSeconds[place] = secondsSinceBase(epochMillis);
        table[slotOf(hash)] = place;
        size++;
    }

    /** As if this id had never been added. */
    public void withdraw(long hash) {
        int slot = slotOf(hash);
        int place = table[slot];
        if (place != EMPTY) {
            ringSeconds[place] = WITHDRAWN;
            closeGap(slot);
        }
    }

    /** Lets go of the ids taken longer ago than they are kept. */
    public void forgetOld(long nowEpochMillis) {
        if (size == 0) {
            // Seconds are counted from a base that moves along, so that they fit an int for ever.
            epochBaseMillis = Long.MIN_VALUE;
            return;
        }
        int bound = secondsSinceBase(nowEpochMillis - keptForMillis);
        while (size > 0 && ringSeconds[oldest] < bound) {
            forgetOldest();
        }
        if (ringHashes.length > SMALLEST_RING && size < ringHashes.length / 8) {
            resize(Math.max(SMALLEST_RING, ringHashes.length / 4));
        }
    }

    private int secondsSinceBase(long epochMillis) {
        return Math.clamp(Math.floorDiv(epochMillis - epochBaseMillis, 1000L), Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    /** The slot that holds this hash, or the empty one where it belongs. */
    private int slotOf(long hash) {
        int mask = table.length - 1;
        int slot = (int) hash & mask;
        while (table[slot] != EMPTY && ringHashes[table[slot]] != hash) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private void forgetOldest() {
        int slot = slotOf(ringHashes[oldest]);
        if (table[slot] == oldest) {
            closeGap(slot);
        }
        oldest = (oldest + 1) % ringHashes.length;
        size--;
    }

    /** Empties a slot and moves up what had been pushed past it, so that no search ends early (Knuth 6.4, algorithm R). */
    private void closeGap(int emptied) {
        int mask = table.length - 1;
        int gap = emptied;
        for (int slot = (gap + 1) & mask; table[slot] != EMPTY; slot = (slot + 1) & mask) {
            int home = (int) ringHashes[table[slot]] & mask;
            if (((slot - home) & mask) >= ((slot - gap) & mask)) {
                table[gap] = table[slot];
                gap = slot;
            }
        }
        table[gap] = EMPTY;
    }

    private void resize(int ringLength) {
        long[] hashes = new long[ringLength];
        int[] seconds = new int[ringLength];
        for (int i = 0; i < size; i++) {
            int from = (int) ((oldest + (long) i) % ringHashes.length);
            hashes[i] = ringHashes[from];
            seconds[i] = ringSeconds[from];
        }
        ringHashes = hashes;
        ringSeconds = seconds;
        oldest = 0;
        table = emptyTable(Integer.highestOneBit(Math.max(1, ringLength * 2 - 1)) * 2);
        for (int place = 0; place < size; place++) {
            if (seconds[place] != WITHDRAWN) {
                table[slotOf(hashes[place])] = place;
            }
        }
    }

    private static int[] emptyTable(int slots) {
        int[] table = new int[slots];
        Arrays.fill(table, EMPTY);
        return table;
    }
}
