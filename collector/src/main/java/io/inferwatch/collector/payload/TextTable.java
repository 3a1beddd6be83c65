package io.inferwatch.collector.payload;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The dictionary of one payload: each text once, numbered from 0 as they come. Takes a bounded number; what does not
 * fit is written where it occurs. Used by one thread at a time.
 */
public final class TextTable {
    /** The most texts a dictionary holds. */
    public static final int MOST_TEXTS = 4096;

    private static final int FIRST_SLOTS = 64;

    private @Nullable String[] slots = new @Nullable String[FIRST_SLOTS];
    private int[] numbers = new int[FIRST_SLOTS];
    private int size;
    private final PayloadWriter texts = new PayloadWriter();

    public int size() {
        return size;
    }

    /** The texts in order: each a varint length in bytes and its UTF-8. */
    public PayloadWriter texts() {
        return texts;
    }

    public void clear(int mostBytesKept) {
        if (slots.length > FIRST_SLOTS) {
            slots = new @Nullable String[FIRST_SLOTS];
            numbers = new int[FIRST_SLOTS];
        } else {
            Arrays.fill(slots, null);
        }
        size = 0;
        texts.clear(mostBytesKept);
    }

    /** The number of this text, now or already in the dictionary; −1 when it is full. */
    public int numberOf(String text) {
        int mask = slots.length - 1;
        int slot = spread(text) & mask;
        for (String kept = slots[slot]; kept != null; kept = slots[slot]) {
            if (kept.equals(text)) {
                return numbers[slot];
            }
            slot = (slot + 1) & mask;
        }
        if (size == MOST_TEXTS) {
            return -1;
        }
        slots[slot] = text;
        numbers[slot] = size;
        int length = PayloadWriter.utf8Bytes(text);
        texts.varint(length);
        texts.utf8(text, length);
        size++;
        if (size * 2 > slots.length) {
            grow();
        }
        return size - 1;
    }

    private void grow() {
        @Nullable String[] oldSlots = slots;
        int[] oldNumbers = numbers;
        slots = new @Nullable String[oldSlots.length * 2];
        numbers = new int[slots.length];
        int mask = slots.length - 1;
        for (int i = 0; i < oldSlots.length; i++) {
            String text = oldSlots[i];
            if (text != null) {
                int slot = spread(text) & mask;
                while (slots[slot] != null) {
                    slot = (slot + 1) & mask;
                }
                slots[slot] = text;
                numbers[slot] = oldNumbers[i];
            }
        }
    }

    private static int spread(String text) {
        int hash = text.hashCode();
        return hash ^ (hash >>> 16);
    }
}
