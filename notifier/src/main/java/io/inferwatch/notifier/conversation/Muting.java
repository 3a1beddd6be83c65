package io.inferwatch.notifier.conversation;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.rules.AlertMatch;
import io.inferwatch.rules.MuteTime;
import io.inferwatch.rules.NotificationPlan.Inhibition;
import io.inferwatch.rules.NotificationPlan.Route;
import io.inferwatch.rules.Silence;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What holds notices back in one tick. All alerts of the tick are known before the first question, so it makes no
 * difference which came first. Inhibition follows Alertmanager's, but for labels that one side lacks: those are not equal.
 */
final class Muting {
    private final TickView view;
    private final List<Silence> silences;
    private final List<Sources> inhibitions = new ArrayList<>();

    /** @param firing every firing alert of the tick */
    Muting(TickView view, List<Fired> firing) {
        this.view = view;
        this.silences = Stream.concat(view.plan().silences().stream(), view.orders().silences().stream())
                .filter(silence -> silence.isActive(view.at()))
                .toList();
        view.plan().inhibitions().forEach(inhibition -> inhibitions.add(Sources.of(inhibition, firing)));
    }

    /** Why nobody is told of this alert, wherever it goes; empty when somebody may be. */
    Optional<String> of(Fired alert) {
        return inhibitions.stream()
                .flatMap(sources -> sources.muting(alert).stream())
                .findFirst()
                .or(() -> silences.stream()
                        .filter(silence -> alert.matches(silence.match()))
                        .findFirst()
                        .map(silence -> "silenced by " + silence.by() + ": " + silence.why()));
    }

    /** Why this route tells nothing new now. */
    Optional<String> of(Route route) {
        Instant at = view.at();
        return route.mute().stream()
                .flatMap(name -> Optional.ofNullable(view.plan().muteTimes().get(name)).stream())
                .filter(time -> time.contains(at))
                .map(MuteTime::name)
                .findFirst()
                .map(name -> "mute time " + name);
    }

    /**
     * The firing sources of one inhibition by the values of its {@code same} labels.
     *
     * @param any the source that opened last
     * @param pure of those that are no target of the same inhibition
     */
    private record Sources(Inhibition inhibition, Map<List<String>, Fired> any, Map<List<String>, Fired> pure) {

        static Sources of(Inhibition inhibition, List<Fired> firing) {
            Sources sources = new Sources(inhibition, new HashMap<>(), new HashMap<>());
            for (Fired alert : firing) {
                if (alert.matches(inhibition.source())) {
                    key(inhibition, alert.labels()).ifPresent(key -> sources.add(key, alert));
                }
            }
            return sources;
        }

        private void add(List<String> key, Fired source) {
            any.merge(key, source, Sources::later);
            if (!source.matches(inhibition.mute())) {
                pure.merge(key, source, Sources::later);
            }
        }

        private static Fired later(Fired one, Fired other) {
            return other.openedAt().isAfter(one.openedAt()) ? other : one;
        }

        private boolean explains(Fired source, Fired alert) {
            return inhibition
                    .within()
                    .map(within -> !alert.openedAt().isAfter(source.openedAt().plus(within)))
                    .orElse(true);
        }

        /** Absent where one of the labels is. */
        private static Optional<List<String>> key(Inhibition inhibition, LabelSet labels) {
            List<String> values = new ArrayList<>();
            for (String name : inhibition.same()) {
                Optional<String> value = labels.get(name).filter(text -> !text.isEmpty());
                if (value.isEmpty()) {
                    return Optional.empty();
                }
                values.add(value.get());
            }
            return Optional.of(values);
        }

        /** What is both a source and a target is muted by pure sources only: nothing mutes itself, nor two each other. */
        Optional<String> muting(Fired alert) {
            if (any.isEmpty() || !alert.matches(inhibition.mute())) {
                return Optional.empty();
            }
            AlertMatch source = inhibition.source();
            Map<List<String>, Fired> sources = alert.matches(source) ? pure : any;
            return key(inhibition, alert.labels())
                    .flatMap(key -> Optional.ofNullable(sources.get(key)))
                    .filter(found -> explains(found, alert))
                    .map(found -> "inhibited by " + found.rule());
        }
    }
}
