package io.inferwatch.collector;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The label sets of series that share their label names: the same values give the same instance, found without an
 * allocation. Holds a bounded number and starts over when that is reached. Used by one thread.
 */
final class LabelFamily {
    private static final int FIRST_SLOTS = 64;
    private static final int MOST_SLOTS = 8192;

    private final List<String> names;
    private final LabelSet always;
    private Kept[] slots = new Kept[FIRST_SLOTS];
    private int size;

    /** Values in the order of the names, {@code null} for a label the series lacks. */
    private record Kept(@Nullable String[] values, LabelSet labels) {
        static final Kept NONE = new Kept(new @Nullable String[0], LabelSet.EMPTY);
    }

    /** @param always labels of every series of the family; they win over a name that is also among {@code names} */
    LabelFamily(List<String> names, LabelSet always) {
        this.names = List.copyOf(names);
        this.always = always;
        Arrays.fill(slots, Kept.NONE);
    }

    /** @param values as many as there are names; the array stays the caller's */
    LabelSet of(@Nullable String[] values) {
        int mask = slots.length - 1;
        int slot = hash(values) & mask;
        while (slots[slot] != Kept.NONE) {
            if (isSame(slots[slot].values, values)) {
                return slots[slot].labels;
            }
            slot = (slot + 1) & mask;
        }
        Kept made = new Kept(values.clone(), made(values));
        slots[slot] = made;
        size++;
        if (size * 2 > slots.length) {
            grow();
        }
        return made.labels;
    }

    private LabelSet made(@Nullable String[] values) {
        Map<String, String> labels = new LinkedHashMap<>();
        for (int i = 0; i < values.length; i++) {
            String value = values[i];
            if (value != null) {
                labels.put(names.get(i), value);
            }
        }
        return LabelSet.of(labels).plus(always);
    }

    private void grow() {
        Kept[] old = slots;
        boolean startsOver = old.length == MOST_SLOTS;
        slots = new Kept[startsOver ? FIRST_SLOTS : old.length * 2];
        Arrays.fill(slots, Kept.NONE);
        size = 0;
        if (startsOver) {
            return;
        }
        int mask = slots.length - 1;
        for (Kept kept : old) {
            if (kept != Kept.NONE) {
                int slot = hash(kept.values) & mask;
                while (slots[slot] != Kept.NONE) {
                    slot = (slot + 1) & mask;
                }
                slots[slot] = kept;
                size++;
            }
        }
    }

    private static int hash(@Nullable String[] values) {
        int hash = 1;
        for (String value : values) {
            hash = 31 * hash + (value == null ? 0 : value.hashCode());
        }
        hash *= 0x9E3779B9;
        return hash ^ (hash >>> 15);
    }

    private static boolean isSame(@Nullable String[] a, @Nullable String[] b) {
        for (int i = 0; i < a.length; i++) {
            String left = a[i];
            if (left == null ? b[i] != null : !left.equals(b[i])) {
                return false;
            }
        }
        return true;
    }
}
