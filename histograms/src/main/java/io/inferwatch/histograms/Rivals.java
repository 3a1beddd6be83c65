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
 * @param kin where a series does not say what it witnesses, this label says what it may: a record pushed without a server
 *     may tell of any server of its model
 * @param bestFirst witnesses that are not named come last
 */
record Rivals(String label, String per, Optional<String> kin, List<String> bestFirst) {
    static final String OBSERVER = "observer";
    static final String SOURCE = "source";
    /** A client's own histograms come last: the network is in them, and they tell no server. */
    static final Rivals OBSERVERS = new Rivals(
            OBSERVER, "server", Optional.of("model"), List.of("proxy", "push", "otlp", "scrape", "otlp_client"));

    static final Rivals SOURCES = new Rivals(SOURCE, "uuid", Optional.empty(), List.of("gpm", "nvml"));

    /** The best rank of witnesses, by what they may witness; {@code ""} for those that do not say. */
    private static final class Ranks {
        private final Map<String, Integer> byKin = new HashMap<>();
        private int best = Integer.MAX_VALUE;

        void add(String kin, int rank) {
            byKin.merge(kin, rank, Math::min);
            best = Math.min(best, rank);
        }

        int bestOf(String kin) {
            return kin.isEmpty()
                    ? best
                    : Math.min(byKin.getOrDefault(kin, Integer.MAX_VALUE), byKin.getOrDefault("", Integer.MAX_VALUE));
        }
    }

    /** Who is heard, of those that have something to say in one range. */
    final class Choice {
        private final Map<String, String> byThing = new HashMap<>();
        private final Ranks placed = new Ranks();
        private final Ranks unplaced = new Ranks();

        private void add(LabelSet labels, String witness) {
            String thing = labels.get(per).orElse("");
            byThing.merge(thing, witness, Rivals.this::better);
            (thing.isEmpty() ? unplaced : placed).add(kinOf(labels), rank(witness));
        }

        boolean isHeard(LabelSet labels) {
            Optional<String> witness = labels.get(label);
            if (witness.isEmpty()) {
                return true;
            }
            String thing = labels.get(per).orElse("");
            if (!witness.get().equals(byThing.get(thing))) {
                return false;
            }
            Ranks others = thing.isEmpty() ? placed : unplaced;
            return kin.isEmpty() || others.bestOf(kinOf(labels)) >= rank(witness.get());
        }
    }

    Choice choose(Iterable<LabelSet> present) {
        Choice choice = new Choice();
        for (LabelSet labels : present) {
            labels.get(label).ifPresent(witness -> choice.add(labels, witness));
        }
        return choice;
    }

    private String kinOf(LabelSet labels) {
        return kin.flatMap(labels::get).orElse("");
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
