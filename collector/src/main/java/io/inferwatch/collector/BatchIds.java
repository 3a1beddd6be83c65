package io.inferwatch.collector;

import java.util.Arrays;
import java.util.BitSet;

/** Where each record of a batch begins, the hash of its id, and which ids occur twice in it. One thread at a time. */
final class BatchIds {
    private static final int FIRST_CAPACITY = 64;
    private static final int MOST_KEPT = 16_384;

    private int[] starts = new int[FIRST_CAPACITY];
    private long[] hashes = new long[FIRST_CAPACITY];
    private int size;
    private final BitSet withId = new BitSet();
    private final BitSet repeated = new BitSet();

    /** Positions + 1 by hash; 0 is free. Linear probing, at most half full. */
    private int[] table = new int[FIRST_CAPACITY * 2];

    int size() {
        return size;
    }

    /** Where the record at this position begins. */
    int start(int position) {
        return starts[position];
    }

    boolean hasId(int position) {
        return withId.get(position);
    }

    long hash(int position) {
        return hashes[position];
    }

    /** The positions whose id stands at an earlier one. A copy. */
    BitSet repeated() {
        return (BitSet) repeated.clone();
    }

    void clear() {
        size = 0;
        withId.clear();
        repeated.clear();
        if (starts.length > MOST_KEPT) {
            starts = new int[FIRST_CAPACITY];
            hashes = new long[FIRST_CAPACITY];
            table = new int[FIRST_CAPACITY * 2];
        } else {
            Arrays.fill(table, 0);
        }
    }

    void addWithout(int start) {
        if (size == starts.length) {
            grow();
        }
        starts[size++] = start;
    }

    void add(int start, long hash) {
        addWithout(start);
        int position = size - 1;
        hashes[position] = hash;
        withId.set(position);
        int slot = slotOf(hash);
        if (table[slot] == 0) {
            table[slot] = position + 1;
        } else {
            repeated.set(position);
        }
    }

    private int slotOf(long hash) {
        int mask = table.length - 1;
        int slot = (int) hash & mask;
        while (table[slot] != 0 && hashes[table[slot] - 1] != hash) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private void grow() {
        starts = Arrays.copyOf(starts, size * 2);
        hashes = Arrays.copyOf(hashes, size * 2);
        table = new int[starts.length * 2];
        for (int i = withId.nextSetBit(0); i >= 0; i = withId.nextSetBit(i + 1)) {
            int slot = slotOf(hashes[i]);
            if (table[slot] == 0) {
                table[slot] = i + 1;
            }
        }
    }
}
