package io.inferwatch.notifier;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.notifier.conversation.Origin;
import io.inferwatch.notifier.conversation.TickView;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.NotificationPlan.Route;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What a digest says: what fires and nobody was told of by itself, then what came and went. Pure. */
final class DigestText {
    private static final int MAX_LINES = 40;
    private static final int MAX_LINE_CHARACTERS = 200;

    private DigestText() {}

    /** @param past alerts that fired since {@code from}, those that still do among them */
    static List<String> lines(List<PastAlert> past, TickView view, Origin origin, String receiver, Instant from) {
        List<PastAlert> told = past.stream()
                .filter(alert -> !alert.mutedBy().isEmpty() || leadsTo(alert, view, origin, receiver))
                .filter(alert -> alert.closedAt().map(at -> at.isAfter(from)).orElse(true))
                .sorted(Comparator.comparing(
                                (PastAlert alert) -> alert.closedAt().isPresent())
                        .thenComparing(PastAlert::tier)
                        .thenComparing(PastAlert::firedAt))
                .toList();
        List<String> lines = new ArrayList<>();
        told.stream().limit(MAX_LINES).map(DigestText::line).forEach(lines::add);
        if (told.size() > MAX_LINES) {
            lines.add("and " + (told.size() - MAX_LINES) + " more");
        }
        return lines;
    }

    private static boolean leadsTo(PastAlert alert, TickView view, Origin origin, String receiver) {
        LabelSet own = view.plan().labelsOf(new AlertKey(alert.rule(), alert.labels()));
        LabelSet labels =
                LabelSet.of("host", origin.hostId()).plus(origin.labels()).plus(own);
        for (Route route : view.plan().routes()) {
            if (route.match().matches(alert.rule(), alert.tier(), labels)) {
                if (route.to().contains(receiver)) {
                    return true;
                }
                if (!route.also()) {
                    return false;
                }
            }
        }
        return false;
    }

    private static String line(PastAlert alert) {
        String when = alert.closedAt()
                .map(closed -> minute(alert.firedAt()) + " to " + minute(closed))
                .orElse("fires since " + minute(alert.firedAt()));
        String muted = alert.mutedBy().isEmpty() ? "" : " (" + alert.mutedBy() + ")";
        String line =
                alert.tier() + " " + when + " " + alert.rule() + " " + alert.labels() + " " + alert.summary() + muted;
        return io.inferwatch.notifier.channel.Text.cut(line, MAX_LINE_CHARACTERS);
    }

    private static String minute(Instant at) {
        return at.truncatedTo(ChronoUnit.MINUTES).toString().replace(":00Z", "Z");
    }
}
