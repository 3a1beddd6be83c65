package io.inferwatch.histograms;

import io.inferwatch.collector.LabelSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Several witnesses of the same thing, of which the best one present is heard: the observers of a server, the sources of
 * a GPU's reading. So nothing is counted twice and nothing is mixed.
 *
 * @param label tells the witnesses apart; a series without it has no rival
 * @param per the label that tells what they witness
 * @param bestFirst witnesses that are not named come last
 */
record Rivals(String label, String per, List<String> bestFirst) {
    static final String OBSERVER = "observer";
    static final String SOURCE = "source";
    static final Rivals OBSERVERS = new Rivals(OBSERVER, "server", List.of("proxy", "push", "otlp", "scrape"));
    static final Rivals SOURCES = new Rivals(SOURCE, "uuid", List.of("gpm", "nvml"));

    /** Of those that have something to say in the range asked for, the best one for each thing witnessed. */
    Map<String, String> choose(Iterable<LabelSet> present) {
        Map<String, String> chosen = new HashMap<>();
        for (LabelSet labels : present) {
            labels.get(label).ifPresent(witness -> chosen.merge(labels.get(per).orElse(""), witness, this::better));
        }
        return chosen;
    }

    boolean isHeard(LabelSet labels, Map<String, String> chosen) {
        Optional<String> witness = labels.get(label);
        return witness.isEmpty()
                || witness.get().equals(chosen.get(labels.get(per).orElse("")));
    }

    private String better(String one, String other) {
        return bestFirstOrder().compare(one, other) <= 0 ? one : other;
    }

    Comparator<String> bestFirstOrder() {
        return Comparator.comparingInt(this::rank).thenComparing(Comparator.naturalOrder());
    }

    private int rank(String witness) {
        int rank = bestFirst.indexOf(witness);
        return rank < 0 ? bestFirst.size() : rank;
    }
}
