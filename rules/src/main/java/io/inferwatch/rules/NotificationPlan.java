package io.inferwatch.rules;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.histograms.LabelMatcher;
import io.inferwatch.rules.yaml.YamlNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Who is told what, and what holds a notice back: the routing part of a rules file.
 *
 * @param muteTimes by name
 * @param silences those of the file; operators add more while it runs
 * @param formerNames what a renamed rule was called, by its name
 * @param ruleLabels the labels a rule gives its alerts, as written, by the rule's name
 */
public record NotificationPlan(
        List<Route> routes,
        Map<String, Receiver> receivers,
        List<Inhibition> inhibitions,
        Map<String, MuteTime> muteTimes,
        List<Silence> silences,
        FlapGuard flap,
        Optional<Watchdog> watchdog,
        Map<String, String> formerNames,
        Map<String, Map<String, String>> ruleLabels) {
    public NotificationPlan {
        formerNames = Map.copyOf(formerNames);
        ruleLabels = Map.copyOf(ruleLabels);
        routes = List.copyOf(routes);
        receivers = Map.copyOf(receivers);
        inhibitions = List.copyOf(inhibitions);
        muteTimes = Map.copyOf(muteTimes);
        silences = List.copyOf(silences);
    }

    /** Of rules that were never renamed and give no labels. */
    public NotificationPlan(
            List<Route> routes,
            Map<String, Receiver> receivers,
            List<Inhibition> inhibitions,
            Map<String, MuteTime> muteTimes,
            List<Silence> silences,
            FlapGuard flap,
            Optional<Watchdog> watchdog) {
        this(routes, receivers, inhibitions, muteTimes, silences, flap, watchdog, Map.of(), Map.of());
    }

    /** The same, for rules that had these names before. */
    public NotificationPlan withFormerNames(Map<String, String> names) {
        return new NotificationPlan(
                routes, receivers, inhibitions, muteTimes, silences, flap, watchdog, names, ruleLabels);
    }

    /** The same, for rules that give their alerts these labels. */
    public NotificationPlan withRuleLabels(Map<String, Map<String, String>> labels) {
        return new NotificationPlan(
                routes, receivers, inhibitions, muteTimes, silences, flap, watchdog, formerNames, labels);
    }

    /** The labels of an alert with those its rule gives it; what only a firing alert can fill in stays as written. */
    public LabelSet labelsOf(AlertKey key) {
        Map<String, String> own = ruleLabels.getOrDefault(key.rule(), Map.of());
        if (own.isEmpty()) {
            return key.labels();
        }
        Map<String, String> all = new TreeMap<>(key.labels().asMap());
        own.forEach((name, text) -> all.put(name, Template.render(text, place -> labelAt(place, key.labels()))));
        return LabelSet.of(all);
    }

    private static String labelAt(String place, LabelSet labels) {
        return place.startsWith("labels.")
                ? labels.get(place.substring("labels.".length())).orElse("")
                : place;
    }

    /** Nothing that holds anything back but the flap guard. */
    public NotificationPlan(List<Route> routes, Map<String, Receiver> receivers) {
        this(routes, receivers, List.of(), Map.of(), List.of(), FlapGuard.DEFAULT, Optional.empty());
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
     * @param mute names of the mute times in which it opens, raises and repeats nothing
     * @param escalations who else is told of what nobody acknowledges
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
            Optional<Duration> repeat,
            List<String> mute,
            List<Escalation> escalations) {
        public Route {
            tiers = Set.copyOf(tiers);
            labels = List.copyOf(labels);
            to = List.copyOf(to);
            groupBy = groupBy.map(List::copyOf);
            mute = List.copyOf(mute);
            escalations = List.copyOf(escalations);
        }

        /** Neither muted nor escalated. */
        public Route(
                Set<Tier> tiers,
                Optional<LabelMatcher> rules,
                List<LabelMatcher> labels,
                List<String> to,
                boolean also,
                Optional<List<String>> groupBy,
                Duration groupWait,
                Duration groupInterval,
                Optional<Duration> repeat) {
            this(tiers, rules, labels, to, also, groupBy, groupWait, groupInterval, repeat, List.of(), List.of());
        }

        /** Which alerts it takes. */
        public AlertMatch match() {
            return new AlertMatch(tiers, rules, labels);
        }
    }

    /** Who is told of a group that nobody acknowledged {@code after} its first notice. */
    public record Escalation(Duration after, List<String> to) {
        public Escalation {
            to = List.copyOf(to);
        }
    }

    /**
     * @param type {@code pagerduty}, {@code slack}, {@code webhook}, {@code console} …; the channel of that name reads
     *     the settings
     * @param digest when it is told all at once; absent where it is told each alert by itself
     * @param settings as written; the channel checks them
     */
    public record Receiver(
            String name,
            String type,
            Optional<String> fallback,
            Optional<DigestTimes> digest,
            YamlNode.Mapping settings) {
        /** One that is told each alert by itself. */
        public Receiver(String name, String type, Optional<String> fallback, YamlNode.Mapping settings) {
            this(name, type, fallback, Optional.empty(), settings);
        }
    }

    /**
     * While an alert that matches {@code source} fires, those that match {@code mute} and agree with it on the labels of
     * {@code same} are not told.
     *
     * @param name empty where it has none
     * @param same labels that both have, with the same value; none: every source mutes every target
     * @param within an alert that opens longer than this after the source did has another cause, and is told
     */
    public record Inhibition(
            String name, AlertMatch source, AlertMatch mute, List<String> same, Optional<Duration> within) {
        public Inhibition {
            same = List.copyOf(same);
        }

        /** One that explains what comes at any time. */
        public Inhibition(String name, AlertMatch source, AlertMatch mute, List<String> same) {
            this(name, source, mute, same, Optional.empty());
        }
    }

    /**
     * Past {@code changes} notified changes of one group at one receiver within {@code within} it is told that the group
     * flaps, and then nothing until it has been stable for {@code hold}.
     */
    public record FlapGuard(int changes, Duration within, Duration hold) {
        public static final FlapGuard DEFAULT = new FlapGuard(6, Duration.ofHours(1), Duration.ofMinutes(30));
    }

    /**
     * A dead man's switch: told of every beat, so that its silence is the alarm.
     *
     * @param settings holds {@code url}, a secret
     * @param to receivers told when beats fail and when they return
     */
    public record Watchdog(YamlNode.Mapping settings, Duration every, List<String> to) {
        public Watchdog {
            to = List.copyOf(to);
        }
    }
}
