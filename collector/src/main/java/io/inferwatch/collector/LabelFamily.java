package io.inferwatch.collector;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
    private @Nullable Kept[] slots = new @Nullable Kept[FIRST_SLOTS];
    private int size;

    /** A label set under the values it was made of. */
    private static final class Kept {
        /** In the order of the names; {@code null} for a label the series lacks. */
        private final @Nullable String[] values;

        private final LabelSet labels;

        Kept(@Nullable String[] values, LabelSet labels) {
            this.values = values;
            this.labels = labels;
        }

        boolean isOf(@Nullable String[] others) {
            for (int i = 0; i < values.length; i++) {
                if (!Objects.equals(values[i], others[i])) {
                    return false;
                }
            }
            return true;
        }
    }

    /** @param always labels of every series of the family; they win over a name that is also among {@code names} */
    LabelFamily(List<String> names, LabelSet always) {
        this.names = List.copyOf(names);
        this.always = always;
    }

    /** @param values as many as there are names; the array stays the caller's */
    LabelSet of(@Nullable String[] values) {
        int mask = slots.length - 1;
        int slot = hash(values) & mask;
        for (Kept kept = slots[slot]; kept != null; kept = slots[slot]) {
            if (kept.isOf(values)) {
                return kept.labels;
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
        @Nullable Kept[] old = slots;
        if (old.length == MOST_SLOTS) {
            slots = new @Nullable Kept[FIRST_SLOTS];
            size = 0;
            return;
        }
        slots = new @Nullable Kept[old.length * 2];
        int mask = slots.length - 1;
        for (Kept kept : old) {
            if (kept != null) {
                int slot = hash(kept.values) & mask;
                while (slots[slot] != null) {
                    slot = (slot + 1) & mask;
                }
                slots[slot] = kept;
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
}
