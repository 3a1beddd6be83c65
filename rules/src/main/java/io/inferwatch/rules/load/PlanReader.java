package io.inferwatch.rules.load;

import io.inferwatch.collector.catalogue.NearestName;
import io.inferwatch.rules.AlertMatch;
import io.inferwatch.rules.DigestTimes;
import io.inferwatch.rules.MuteTime;
import io.inferwatch.rules.NotificationPlan;
import io.inferwatch.rules.NotificationPlan.Escalation;
import io.inferwatch.rules.NotificationPlan.Inhibition;
import io.inferwatch.rules.NotificationPlan.Receiver;
import io.inferwatch.rules.NotificationPlan.Route;
import io.inferwatch.rules.NotificationPlan.Watchdog;
import io.inferwatch.rules.Silence;
import io.inferwatch.rules.yaml.MappingReader;
import io.inferwatch.rules.yaml.Problem;
import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlNode;
import io.inferwatch.rules.yaml.YamlNode.Mapping;
import io.inferwatch.rules.yaml.YamlNode.Scalar;
import io.inferwatch.rules.yaml.YamlNode.Sequence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads the routing part of a rules file: who is told what, and what holds a notice back. */
final class PlanReader {
    private static final List<String> TYPES = List.of("pagerduty", "slack", "alertmanager", "webhook", "console");
    private static final List<String> TYPES_FOR_DIGESTS = List.of("slack", "webhook", "console");
    private static final Duration DEFAULT_WAIT = Duration.ofSeconds(30);
    private static final Duration DEFAULT_INTERVAL = Duration.ofMinutes(5);
    private static final Duration LONGEST = Duration.ofDays(30);

    private final Problems problems;
    private final ReceiverChecker checker;
    private final Set<String> ruleNames;
    private final Map<String, Receiver> receivers = new LinkedHashMap<>();
    private final List<Route> routes = new ArrayList<>();

    PlanReader(Problems problems, ReceiverChecker checker, Set<String> ruleNames) {
        this.problems = problems;
        this.checker = checker;
        this.ruleNames = ruleNames;
    }

    NotificationPlan read(Document document) {
        Set<String> names = document.receivers.keySet();
        document.receivers.forEach(
                (name, node) -> MappingReader.of(node, problems).ifPresent(reader -> receiver(name, reader, names)));
        MutingReader muting = new MutingReader(problems, ruleNames);
        Map<String, MuteTime> muteTimes = muting.muteTimes(document.muteTimes);
        for (YamlNode node : document.routes) {
            MappingReader.of(node, problems).ifPresent(reader -> route(reader, names, document.muteTimes.keySet()));
        }
        checkFallbacks(document.receivers);
        List<Inhibition> inhibitions = new ArrayList<>(muting.inhibitions(document.inhibitions));
        inhibitions.addAll(MutingReader.ofPack(problems).inhibitions(document.packInhibitions));
        List<Silence> silences = muting.silences(document.silences);
        GuardReader guards = new GuardReader(problems, names);
        return new NotificationPlan(
                routes,
                receivers,
                inhibitions,
                muteTimes,
                silences,
                guards.flap(document.defaults.flatMap(defaults -> defaults.mapping("flap"))),
                document.watchdog.flatMap(guards::watchdog).map(this::checked));
    }

    private Watchdog checked(Watchdog watchdog) {
        checker.check(watchdog, problems);
        return watchdog;
    }

    private void receiver(String name, MappingReader reader, Set<String> names) {
        Optional<String> type = reader.require("type") ? reader.oneOf("type", TYPES) : Optional.empty();
        Optional<String> fallback = reader.scalar("fallback").flatMap(to -> known(to, "receiver", names));
        if (type.isPresent()) {
            Optional<DigestTimes> digest = digest(reader, type.get());
            Receiver receiver = new Receiver(name, type.get(), fallback, digest, reader.mapping());
            receivers.put(name, receiver);
            checker.check(receiver, problems);
        }
    }

    private Optional<DigestTimes> digest(MappingReader receiver, String type) {
        if (receiver.has("digest") && !TYPES_FOR_DIGESTS.contains(type)) {
            receiver.error(
                    "digest", "a " + type + " receiver takes no digest", "send it to one of " + TYPES_FOR_DIGESTS);
            return Optional.empty();
        }
        return receiver.mapping("digest").flatMap(new MutingReader(problems, ruleNames)::digest);
    }

    private void checkFallbacks(Map<String, YamlNode> nodes) {
        for (Receiver receiver : receivers.values()) {
            Optional<Receiver> next = Optional.of(receiver);
            for (int hops = 0; next.isPresent() && hops <= receivers.size(); hops++) {
                next = next.flatMap(Receiver::fallback).map(receivers::get);
                if (next.filter(receiver::equals).isPresent()) {
                    YamlNode node = nodes.getOrDefault(receiver.name(), receiver.settings());
                    problems.error(
                            node instanceof Mapping m ? m.get("fallback").orElse(m) : node,
                            "the fallback leads back to " + receiver.name());
                    break;
                }
            }
        }
    }

    private void route(MappingReader reader, Set<String> names, Set<String> muteTimes) {
        AlertMatch match = reader.mapping("match")
                .map(node -> new MatchReader(problems, Optional.of(ruleNames)).read(node))
                .orElse(MatchReader.ALL);
        List<String> to = reader.require("to") ? receivers(reader, names) : List.of();
        List<String> mute = new ArrayList<>();
        reader.scalars("mute")
                .orElse(List.of())
                .forEach(name -> known(name, "mute time", muteTimes).ifPresent(mute::add));
        List<Escalation> escalations = escalations(reader, names);
        warnOfUnseenAcks(reader, to, escalations);
        routes.add(new Route(
                match.tiers(),
                match.rules(),
                match.labels(),
                to,
                reader.bool("also").orElse(false),
                reader.texts("group_by"),
                reader.duration("wait", Duration.ZERO, LONGEST).orElse(DEFAULT_WAIT),
                reader.duration("interval", Duration.ZERO, LONGEST).orElse(DEFAULT_INTERVAL),
                reader.duration("repeat", Duration.ofSeconds(1), LONGEST),
                mute,
                escalations));
        reader.refuseUnknown();
    }

    private List<String> receivers(MappingReader reader, Set<String> names) {
        List<String> to = new ArrayList<>();
        reader.scalars("to")
                .orElse(List.of())
                .forEach(name -> known(name, "receiver", names).ifPresent(to::add));
        return to;
    }

    /** One {@code {after, to}}, or a list of them. */
    private List<Escalation> escalations(MappingReader route, Set<String> names) {
        List<Escalation> found = new ArrayList<>();
        Optional<YamlNode> node = route.node("escalate");
        List<YamlNode> steps = node.map(PlanReader::items).orElse(List.of());
        for (YamlNode step : steps) {
            MappingReader.of(step, problems).ifPresent(reader -> {
                Optional<Duration> after = reader.require("after")
                        ? reader.duration("after", Duration.ofSeconds(1), LONGEST)
                        : Optional.empty();
                List<String> to = reader.require("to") ? receivers(reader, names) : List.of();
                after.ifPresent(time -> found.add(new Escalation(time, to)));
                reader.refuseUnknown();
            });
        }
        return found;
    }

    private static List<YamlNode> items(YamlNode node) {
        return node instanceof Sequence sequence ? sequence.items() : List.of(node);
    }

    private void warnOfUnseenAcks(MappingReader route, List<String> to, List<Escalation> escalations) {
        for (String name : escalations.isEmpty() ? List.<String>of() : to) {
            Receiver receiver = receivers.get(name);
            boolean unseen = receiver != null
                    && receiver.type().equals("pagerduty")
                    && receiver.settings().get("api_token").isEmpty();
            if (unseen) {
                problems.warning(
                        route.node("escalate").orElse(route.mapping()),
                        "acknowledgements made at PagerDuty are not seen without " + name
                                + ".api_token; only those by API or command stop this escalation");
            }
        }
    }

    private Optional<String> known(Scalar name, String what, Set<String> names) {
        if (names.contains(name.text())) {
            return Optional.of(name.text());
        }
        unknown(problems, name, what, name.text(), names);
        return Optional.empty();
    }

    static void unknown(Problems problems, Scalar where, String what, String name, Set<String> names) {
        Optional<String> hint = NearestName.among(names, name).map(nearest -> "did you mean \"" + nearest + "\"?");
        String message = "unknown " + what + " \"" + name + "\"";
        problems.add(new Problem(where.position(), where.path(), message, hint, false));
    }
}
