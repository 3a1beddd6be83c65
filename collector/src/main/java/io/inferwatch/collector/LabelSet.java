package io.inferwatch.collector;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The labels of a series, sorted by name. Immutable, with its hash computed once: it is the key of every series map. */
public final class LabelSet {
    /** No labels: the series of everything. */
    public static final LabelSet EMPTY = new LabelSet(new String[0]);

    /** Name, value, name, value …; names ascending. */
    private final String[] pairs;

    private final int hash;

    private LabelSet(String[] pairs) {
        this.pairs = pairs;
        this.hash = Arrays.hashCode(pairs);
    }

    public static LabelSet of(Map<String, String> labels) {
        if (labels.isEmpty()) {
            return EMPTY;
        }
        String[] pairs = new String[labels.size() * 2];
        int next = 0;
        for (Map.Entry<String, String> label : new TreeMap<>(labels).entrySet()) {
            pairs[next++] = label.getKey();
            pairs[next++] = label.getValue();
        }
        return new LabelSet(pairs);
    }

    /** @param namesAndValues name, value, name, value … in any order */
    public static LabelSet of(String... namesAndValues) {
        if (namesAndValues.length % 2 != 0) {
            throw new IllegalArgumentException("label without a value: " + Arrays.toString(namesAndValues));
        }
        Map<String, String> labels = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            labels.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return of(labels);
    }

    public Optional<String> get(String name) {
        for (int i = 0; i < pairs.length; i += 2) {
            if (pairs[i].equals(name)) {
                return Optional.of(pairs[i + 1]);
            }
        }
        return Optional.empty();
    }

    public boolean isEmpty() {
        return pairs.length == 0;
    }

    public int size() {
        return pairs.length / 2;
    }

    public List<String> names() {
        List<String> names = new ArrayList<>(size());
        for (int i = 0; i < pairs.length; i += 2) {
            names.add(pairs[i]);
        }
        return names;
    }

    /** The labels of these names that this set has; one it lacks is left out. */
    public LabelSet only(Collection<String> names) {
        Map<String, String> kept = new TreeMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            if (names.contains(pairs[i])) {
                kept.put(pairs[i], pairs[i + 1]);
            }
        }
        return kept.size() == size() ? this : of(kept);
    }

    /** These labels and those; where both have a name, those win. */
    public LabelSet plus(LabelSet others) {
        if (others.isEmpty()) {
            return this;
        }
        Map<String, String> all = new TreeMap<>(asMap());
        all.putAll(others.asMap());
        return of(all);
    }

    /** A copy in name order. */
    public Map<String, String> asMap() {
        Map<String, String> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put(pairs[i], pairs[i + 1]);
        }
        return map;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LabelSet labels && hash == labels.hash && Arrays.equals(pairs, labels.pairs);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return asMap().toString();
    }
}
