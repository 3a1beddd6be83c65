package io.inferwatch.rules.load;

import io.inferwatch.rules.NotificationPlan.Route;
import io.inferwatch.rules.Rule;
import io.inferwatch.rules.Tier;
import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlNode;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The tiers of one rule must not reach one receiver under different groups: its key would change with its tier. */
final class RouteChecks {
    private RouteChecks() {}

    static void sameGroups(List<Rule> rules, List<Route> routes, List<YamlNode> nodes, Problems problems) {
        Set<Integer> told = new TreeSet<>();
        for (Rule rule : rules) {
            Map<String, Optional<Set<String>>> groupOf = new HashMap<>();
            for (Integer index : reached(rule, routes)) {
                Route route = routes.get(index);
                Optional<Set<String>> group = route.groupBy().map(TreeSet::new);
                for (String receiver : route.to()) {
                    Optional<Set<String>> earlier = groupOf.putIfAbsent(receiver, group);
                    if (earlier != null && !earlier.equals(group) && told.add(index)) {
                        problems.error(
                                nodes.get(index),
                                "leads rule " + rule.name() + " to " + receiver
                                        + " under another group_by than a route above");
                    }
                }
            }
        }
    }

    /** A route that names nobody, or stands behind one that takes everything, is hardly what was meant. */
    static void everyRouteTells(List<Route> routes, List<YamlNode> nodes, Problems problems) {
        for (int i = 0; i < routes.size(); i++) {
            boolean isSaid = nodes.get(i) instanceof YamlNode.Mapping route
                    && route.entries().containsKey("to");
            if (isSaid && routes.get(i).to().isEmpty()) {
                problems.warning(nodes.get(i), "names no receiver: nobody is told of what it takes");
            }
            boolean takesAll = routes.get(i).match().equals(MatchReader.ALL)
                    && !routes.get(i).also();
            if (takesAll && i + 1 < routes.size()) {
                problems.warning(nodes.get(i + 1), "is never reached: the route before it takes everything");
                break;
            }
        }
    }

    /** What no route takes is an alert that nobody is told of. */
    static void everyTierIsTaken(List<Rule> rules, List<Route> routes, List<YamlNode> nodes, Problems problems) {
        if (routes.isEmpty()) {
            return;
        }
        Map<Tier, List<String>> untold = new EnumMap<>(Tier.class);
        for (Rule rule : rules) {
            for (Tier tier : rule.tiersItMayFire()) {
                if (routes.stream().noneMatch(route -> mayTake(route, rule, tier))) {
                    untold.computeIfAbsent(tier, made -> new ArrayList<>()).add(rule.name());
                }
            }
        }
        untold.forEach((tier, names) -> {
            String others = names.size() > 1 ? " and " + (names.size() - 1) + " more" : "";
            problems.warning(
                    nodes.getFirst(),
                    "no route takes " + tier + " of " + names.getFirst() + others + ": nobody is told");
        });
    }

    private static boolean mayTake(Route route, Rule rule, Tier tier) {
        return (route.tiers().isEmpty() || route.tiers().contains(tier))
                && route.rules().map(m -> m.matches(rule.name())).orElse(true);
    }

    /** The routes some tier of this rule can take. */
    private static List<Integer> reached(Rule rule, List<Route> routes) {
        Set<Integer> reached = new TreeSet<>();
        for (Tier tier : rule.tiersItMayFire()) {
            for (int i = 0; i < routes.size(); i++) {
                Route route = routes.get(i);
                boolean mayMatch = mayTake(route, rule, tier);
                if (mayMatch) {
                    reached.add(i);
                }
                if (mayMatch && route.labels().isEmpty() && !route.also()) {
                    break;
                }
            }
        }
        return new ArrayList<>(reached);
    }
}
