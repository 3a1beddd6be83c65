package io.inferwatch.rules.load;

import io.inferwatch.collector.catalogue.NearestName;
import io.inferwatch.histograms.LabelMatcher;
import io.inferwatch.rules.NotificationPlan;
import io.inferwatch.rules.NotificationPlan.Receiver;
import io.inferwatch.rules.NotificationPlan.Route;
import io.inferwatch.rules.Tier;
import io.inferwatch.rules.yaml.MappingReader;
import io.inferwatch.rules.yaml.Problem;
import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlNode;
import io.inferwatch.rules.yaml.YamlNode.Mapping;
import io.inferwatch.rules.yaml.YamlNode.Scalar;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads {@code receivers} and {@code routes}: who is told what. */
final class PlanReader {
    private static final List<String> TYPES = List.of("pagerduty", "slack", "webhook", "console");
    private static final List<String> TYPES_TO_COME = List.of("alertmanager");
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

    /** @param routeNodes in their order, over all files */
    NotificationPlan read(Map<String, YamlNode> receiverNodes, List<YamlNode> routeNodes) {
        receiverNodes.forEach((name, node) ->
                MappingReader.of(node, problems).ifPresent(reader -> receiver(name, reader, receiverNodes.keySet())));
        for (YamlNode node : routeNodes) {
            MappingReader.of(node, problems).ifPresent(reader -> route(reader, receiverNodes.keySet()));
        }
        checkFallbacks(receiverNodes);
        return new NotificationPlan(routes, receivers);
    }

    private void receiver(String name, MappingReader reader, Set<String> names) {
        Optional<String> type = reader.require("type") ? reader.text("type") : Optional.empty();
        if (type.isPresent() && !TYPES.contains(type.get())) {
            reader.error(
                    "type",
                    TYPES_TO_COME.contains(type.get())
                            ? "\"" + type.get() + "\" is not available yet"
                            : "\"" + type.get() + "\" is none of " + String.join(", ", TYPES));
        }
        Optional<String> fallback = reader.scalar("fallback").flatMap(to -> known(to, names));
        if (type.filter(TYPES::contains).isPresent()) {
            Receiver receiver = new Receiver(name, type.get(), fallback, reader.mapping());
            receivers.put(name, receiver);
            checker.check(receiver, problems);
        }
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

    private void route(MappingReader reader, Set<String> names) {
        reader.refuseNotAvailable("mute", "escalate");
        Optional<MappingReader> match = reader.mapping("match");
        Set<Tier> tiers = EnumSet.noneOf(Tier.class);
        match.flatMap(m -> m.scalars("tier"))
                .orElse(List.of())
                .forEach(tier -> tier(tier).ifPresent(tiers::add));
        Optional<LabelMatcher> rules = match.flatMap(m -> Matchers.read(m, "rule", problems));
        match.flatMap(m -> m.scalars("rule")).orElse(List.of()).forEach(this::checkRuleName);
        List<LabelMatcher> labels = match.map(m -> Matchers.read(m, problems, List.of("tier", "rule")))
                .orElse(List.of());
        List<String> to = new ArrayList<>();
        if (reader.require("to")) {
            reader.scalars("to")
                    .orElse(List.of())
                    .forEach(name -> known(name, names).ifPresent(to::add));
        }
        routes.add(new Route(
                tiers,
                rules,
                labels,
                to,
                reader.bool("also").orElse(false),
                reader.texts("group_by"),
                reader.duration("wait", Duration.ZERO, LONGEST).orElse(DEFAULT_WAIT),
                reader.duration("interval", Duration.ZERO, LONGEST).orElse(DEFAULT_INTERVAL),
                reader.duration("repeat", Duration.ofSeconds(1), LONGEST)));
        reader.refuseUnknown();
    }

    private Optional<Tier> tier(Scalar tier) {
        if (RuleReader.TIERS.contains(tier.text())) {
            return Optional.of(Tier.valueOf(tier.text()));
        }
        problems.error(tier, "\"" + tier.text() + "\" is none of P0, P1, P2, P3");
        return Optional.empty();
    }

    private void checkRuleName(Scalar pattern) {
        String name = pattern.text().startsWith("!") ? pattern.text().substring(1) : pattern.text();
        if (!name.contains("*") && !ruleNames.contains(name)) {
            unknown(pattern, "rule", name, ruleNames);
        }
    }

    private Optional<String> known(Scalar name, Set<String> names) {
        if (names.contains(name.text())) {
            return Optional.of(name.text());
        }
        unknown(name, "receiver", name.text(), names);
        return Optional.empty();
    }

    private void unknown(Scalar where, String what, String name, Set<String> names) {
        Optional<String> hint = NearestName.among(names, name).map(nearest -> "did you mean \"" + nearest + "\"?");
        String message = "unknown " + what + " \"" + name + "\"";
        problems.add(new Problem(where.position(), where.path(), message, hint, false));
    }
}
