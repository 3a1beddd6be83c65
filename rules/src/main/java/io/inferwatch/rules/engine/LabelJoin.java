package io.inferwatch.rules.engine;

import io.inferwatch.collector.LabelSet;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which instances a set of leaves has. Leaves meet on the labels they share; one with fewer labels serves all and makes
 * no instance of its own; what finds no partner stands alone. A label a series lacks counts as a value of its own.
 */
final class LabelJoin {
    /** Past this a join is a mistake in the rule; its own limit on instances has cut in long before. */
    private static final int MOST_ROWS = 50_000;

    /** The label names of a signal and the label sets it has now. */
    record Axis(Set<String> names, Collection<LabelSet> keys) {}

    private LabelJoin() {}

    static Collection<LabelSet> instances(List<Axis> axes) {
        List<Axis> widest = widest(axes);
        if (widest.isEmpty()) {
            return List.of();
        }
        Axis joined = widest.getFirst();
        for (Axis next : widest.subList(1, widest.size())) {
            joined = join(joined, next);
        }
        return joined.keys();
    }

    /** One axis a distinct set of names, those contained in another left out. */
    private static List<Axis> widest(List<Axis> axes) {
        Map<Set<String>, Set<LabelSet>> byNames = new HashMap<>();
        for (Axis axis : axes) {
            byNames.computeIfAbsent(axis.names(), names -> new LinkedHashSet<>())
                    .addAll(axis.keys());
        }
        List<Axis> widest = new ArrayList<>();
        byNames.forEach((names, keys) -> {
            if (byNames.keySet().stream().noneMatch(other -> other.size() > names.size() && other.containsAll(names))) {
                widest.add(new Axis(names, keys));
            }
        });
        widest.sort((a, b) -> new TreeSet<>(a.names()).toString().compareTo(new TreeSet<>(b.names()).toString()));
        return widest;
    }

    private static Axis join(Axis left, Axis right) {
        Set<String> shared = new TreeSet<>(left.names());
        shared.retainAll(right.names());
        Map<LabelSet, List<LabelSet>> rightByShared = new HashMap<>();
        right.keys()
                .forEach(key -> rightByShared
                        .computeIfAbsent(key.only(shared), k -> new ArrayList<>())
                        .add(key));
        Set<LabelSet> rows = new LinkedHashSet<>();
        Set<LabelSet> met = new LinkedHashSet<>();
        for (LabelSet key : left.keys()) {
            LabelSet meeting = key.only(shared);
            List<LabelSet> partners = rightByShared.getOrDefault(meeting, List.of());
            met.add(meeting);
            if (partners.isEmpty()) {
                rows.add(key);
            }
            partners.stream().takeWhile(p -> rows.size() < MOST_ROWS).forEach(partner -> rows.add(key.plus(partner)));
        }
        right.keys().stream().filter(key -> !met.contains(key.only(shared))).forEach(rows::add);
        Set<String> names = new TreeSet<>(left.names());
        names.addAll(right.names());
        return new Axis(names, rows);
    }
}
