package io.inferwatch.notifier;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What the weekly report says of each rule, the one that told most first. Pure. */
final class WeeklyText {
    private static final Duration SHORT = Duration.ofMinutes(5);
    private static final int MAX_LINES = 40;

    /** A rule that fired less often than this in a week is no burden. */
    private static final int NOISY = 5;

    private WeeklyText() {}

    /** The rules that cried wolf: often, and mostly for less than five minutes. */
    static Set<String> noisy(List<PastAlert> past, Instant from) {
        Set<String> noisy = new TreeSet<>();
        byRule(past, from).forEach((rule, alerts) -> {
            if (alerts.size() >= NOISY && 2 * brief(alerts) >= alerts.size()) {
                noisy.add(rule);
            }
        });
        return noisy;
    }

    private static Map<String, List<PastAlert>> byRule(List<PastAlert> past, Instant from) {
        return past.stream()
                .filter(alert -> !alert.firedAt().isBefore(from))
                .collect(Collectors.groupingBy(PastAlert::rule, TreeMap::new, Collectors.toList()));
    }

    private static long brief(List<PastAlert> alerts) {
        return alerts.stream()
                .filter(alert -> alert.closedAt()
                        .filter(end -> Duration.between(alert.firedAt(), end).compareTo(SHORT) < 0)
                        .isPresent())
                .count();
    }

    /**
     * @param past alerts that fired since {@code from}
     * @param delivered notices by rule and kind
     * @param advice what a replay says to try, by rule
     */
    static List<String> lines(
            List<PastAlert> past,
            Map<String, Map<String, Long>> delivered,
            List<String> neverMatched,
            Map<String, String> advice,
            Instant from) {
        Map<String, List<PastAlert>> byRule = byRule(past, from);
        List<String> lines = new ArrayList<>();
        byRule.entrySet().stream()
                .sorted(Comparator.comparingLong((Map.Entry<String, List<PastAlert>> rule) ->
                                -notified(delivered.getOrDefault(rule.getKey(), Map.of())))
                        .thenComparing(Map.Entry::getKey))
                .limit(MAX_LINES)
                .map(rule -> line(rule.getKey(), rule.getValue(), delivered.getOrDefault(rule.getKey(), Map.of()))
                        + (advice.containsKey(rule.getKey()) ? ", " + advice.get(rule.getKey()) : ""))
                .forEach(lines::add);
        if (!neverMatched.isEmpty()) {
            lines.add("signals that never matched anything: " + String.join(", ", neverMatched));
        }
        return lines;
    }

    private static long notified(Map<String, Long> kinds) {
        return kinds.values().stream().mapToLong(Long::longValue).sum();
    }

    private static String line(String rule, List<PastAlert> alerts, Map<String, Long> kinds) {
        List<PastAlert> closed =
                alerts.stream().filter(alert -> alert.closedAt().isPresent()).toList();
        StringBuilder line = new StringBuilder(rule)
                .append(": fired ")
                .append(alerts.size())
                .append(", notified ")
                .append(notified(kinds));
        String muted = mutedBy(alerts);
        if (!muted.isEmpty()) {
            line.append(", muted ").append(muted);
        }
        medianToAck(alerts)
                .ifPresentOrElse(
                        median -> line.append(", median time to ack ")
                                .append(median.toMinutes())
                                .append("m"),
                        () -> line.append(", never acked"));
        if (!closed.isEmpty()) {
            line.append(", closed within 5m ")
                    .append(100 * brief(closed) / closed.size())
                    .append("%");
        }
        return line.append(", flapped ")
                .append(kinds.getOrDefault("flapping", 0L))
                .toString();
    }

    private static String mutedBy(List<PastAlert> alerts) {
        Map<String, Long> by = alerts.stream()
                .map(PastAlert::mutedBy)
                .filter(reason -> !reason.isEmpty())
                .collect(Collectors.groupingBy(reason -> reason, TreeMap::new, Collectors.counting()));
        return by.entrySet().stream()
                .map(reason -> reason.getValue() + " (" + reason.getKey() + ")")
                .collect(Collectors.joining(", "));
    }

    private static Optional<Duration> medianToAck(List<PastAlert> alerts) {
        List<Duration> times = alerts.stream()
                .flatMap(alert -> alert.ack().stream().map(ack -> Duration.between(alert.firedAt(), ack.at())))
                .sorted()
                .toList();
        return times.isEmpty() ? Optional.empty() : Optional.of(times.get(times.size() / 2));
    }
}
