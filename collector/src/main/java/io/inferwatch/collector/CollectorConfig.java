package io.inferwatch.collector;

import io.inferwatch.collector.identity.IdentityPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The {@code collector:} part of the configuration.
 *
 * @param labels which fields of a request become series labels
 * @param identity what becomes of {@code user} and {@code session}
 * @param maxLateness how old an event may be by its own time, from 1 s to 48 h, which is how long 10 s windows are kept
 * @param maxSeriesPerMetric past this many live series of a metric the rest shares one, from 1
 * @param maxSeries the same over all metrics
 */
public record CollectorConfig(
        Labels labels, IdentityPolicy identity, Duration maxLateness, int maxSeriesPerMetric, int maxSeries) {
    private static final Duration LONGEST_LATENESS = Duration.ofDays(2);

    /** What an empty configuration means. */
    public static final CollectorConfig DEFAULT =
            new CollectorConfig(Labels.DEFAULT, IdentityPolicy.HASHED, Duration.ofHours(1), 2000, 50_000);

    public CollectorConfig {
        if (maxLateness.compareTo(Duration.ofSeconds(1)) < 0 || maxLateness.compareTo(LONGEST_LATENESS) > 0) {
            throw new IllegalArgumentException(
                    "collector.max_lateness: " + maxLateness + " is out of bounds; give 1s to 48h");
        }
        if (maxSeriesPerMetric < 1) {
            throw new IllegalArgumentException(
                    "collector.max_series_per_metric: " + maxSeriesPerMetric + " is too low; give at least 1");
        }
        if (maxSeries < maxSeriesPerMetric) {
            throw new IllegalArgumentException(
                    "collector.max_series: " + maxSeries + " is below collector.max_series_per_metric of "
                            + maxSeriesPerMetric + "; give at least that many");
        }
    }

    /**
     * Names of fields of the request record, or of labels that senders give it.
     *
     * @param latency of the times; {@code outcome} and {@code observer} are always there
     * @param traffic of requests, tokens and quality; {@code outcome} and {@code observer} are always there
     * @param cost of cost; {@code observer} is always there
     */
    public record Labels(List<String> latency, List<String> traffic, List<String> cost) {
        private static final int MOST = 16;
        private static final Pattern NAME = Pattern.compile("[a-zA-Z_][a-zA-Z0-9_.-]{0,63}");

        /** Names with a meaning of their own, which no field or label of a sender may take. */
        public static final Set<String> RESERVED = Set.of("host", "observer", "overflow", "backfill");

        public static final Labels DEFAULT = new Labels(
                List.of("model", "model_version", "route", "server"),
                List.of("model", "model_version", "route", "server", "tenant"),
                List.of("model", "tenant", "feature", "user"));

        public Labels {
            latency = checked("latency", latency);
            traffic = checked("traffic", traffic);
            cost = checked("cost", cost);
        }

        /** Whether it can name a label: a letter or {@code _}, then letters, digits, {@code _ . -}; at most 64. */
        public static boolean isName(String name) {
            return NAME.matcher(name).matches();
        }

        private static List<String> checked(String family, List<String> names) {
            String where = "collector.labels." + family + ": ";
            if (names.size() > MOST) {
                throw new IllegalArgumentException(where + names.size() + " labels; give at most " + MOST);
            }
            for (String name : names) {
                if (!isName(name)) {
                    throw new IllegalArgumentException(
                            where + "\"" + name + "\" cannot name a label; give a letter or _,"
                                    + " then letters, digits, _ . - (64 at most)");
                }
                if (RESERVED.contains(name)) {
                    throw new IllegalArgumentException(where + "\"" + name + "\" is set by Inferwatch; leave it out");
                }
            }
            if (Set.copyOf(names).size() != names.size()) {
                throw new IllegalArgumentException(where + names + " names a label twice; name each once");
            }
            return List.copyOf(names);
        }
    }
}
