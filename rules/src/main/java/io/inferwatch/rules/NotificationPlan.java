package io.inferwatch.rules;

import io.inferwatch.histograms.LabelMatcher;
import io.inferwatch.rules.yaml.YamlNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Who is told what: the routes and receivers of a rules file. */
public record NotificationPlan(List<Route> routes, Map<String, Receiver> receivers) {
    public NotificationPlan {
        routes = List.copyOf(routes);
        receivers = Map.copyOf(receivers);
    }

    /**
     * First match wins unless {@code also} is set.
     *
     * @param tiers the tiers it matches; all when empty
     * @param rules patterns of rule names, as {@link LabelMatcher} has them; all when empty
     * @param labels matched against the alert's labels
     * @param groupBy label names, {@code rule} and {@code tier} among them; absent: the receiver's own default
     * @param groupWait delays the first notice of a group; never one of P0
     * @param groupInterval the least time between two notices of a group
     * @param repeat how long after the last delivered notice a firing group is told again; absent: never
     */
    public record Route(
            Set<Tier> tiers,
            Optional<LabelMatcher> rules,
            List<LabelMatcher> labels,
            List<String> to,
            boolean also,
            Optional<List<String>> groupBy,
            Duration groupWait,
            Duration groupInterval,
            Optional<Duration> repeat) {
        public Route {
            tiers = Set.copyOf(tiers);
            labels = List.copyOf(labels);
            to = List.copyOf(to);
            groupBy = groupBy.map(List::copyOf);
        }
    }

    /**
     * @param type {@code pagerduty}, {@code slack}, {@code webhook}, {@code console} …; the channel of that name reads
     *     the settings
     * @param settings as written; the channel checks them
     */
    public record Receiver(String name, String type, Optional<String> fallback, YamlNode.Mapping settings) {}
}
