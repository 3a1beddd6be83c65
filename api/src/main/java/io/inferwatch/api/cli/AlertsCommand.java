package io.inferwatch.api.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code inferwatch alerts}: what fires now, or what fired. */
@Command(name = "alerts", description = "What is firing or pending, and why; with --from what closed too.")
final class AlertsCommand extends ClientCommand {
    @Option(names = "--tier", paramLabel = "P0..P3", description = "of this tier only")
    @Nullable String tier;

    @Option(names = "--rule", paramLabel = "RULE", description = "of this rule only")
    @Nullable String rule;

    @Option(names = "--state", paramLabel = "LIST", description = "firing, pending, closed (default firing,pending)")
    @Nullable String state;

    @Option(names = "--from", paramLabel = "TIME", description = "start of the past; also shows what closed since")
    @Nullable String from;

    @Option(names = "--to", paramLabel = "TIME", description = "end of the past (default now)")
    @Nullable String to;

    private List<Map.Entry<String, String>> query() {
        List<Map.Entry<String, String>> query = new ArrayList<>();
        add(query, "tier", tier);
        add(query, "rule", rule);
        add(query, "state", state == null && from == null && to == null ? "firing,pending" : state);
        add(query, "from", from);
        add(query, "to", to);
        return query;
    }

    private static void add(List<Map.Entry<String, String>> query, String name, @Nullable String value) {
        if (value != null) {
            query.add(Map.entry(name, value));
        }
    }

    @Override
    int run(ApiClient api) {
        String answer = api.get("/api/v1/alerts", query());
        if (asJson()) {
            System.out.println(answer);
            return 0;
        }
        List<Map<String, Object>> alerts = Json.objects(Json.object(answer), "alerts");
        Table table = new Table("ID", "TIER", "STATE", "RULE", "SINCE", "ACKED BY", "SUMMARY");
        for (Map<String, Object> alert : alerts) {
            table.row(
                    cell(alert.get("id")),
                    cell(alert.get("tier")),
                    cell(alert.get("state")),
                    cell(alert.get("rule")),
                    cell(alert.get("since") == null ? alert.get("fired_at") : alert.get("since")),
                    cell(Json.asObject(alert.get("acked")).get("by")),
                    cell(alert.get("summary")));
        }
        System.out.print(alerts.isEmpty() ? "no alert\n" : table.toString());
        alerts.stream()
                .filter(alert -> !Json.objects(alert, "why").isEmpty())
                .forEach(alert -> System.out.print(why(alert)));
        return 0;
    }

    /** A line a leaf: what came of it, what it is, what it is held against, and for how long it held. */
    static String why(Map<String, Object> alert) {
        StringBuilder out = new StringBuilder(
                "\n" + Table.safe(alert.get("id") + " " + alert.get("rule") + " " + Json.asObject(alert.get("labels")))
                        + "\n");
        Json.objects(alert, "why").forEach(leaf -> out.append(line(leaf)));
        return out.toString();
    }

    private static String line(Map<String, Object> leaf) {
        Object result = leaf.get("result");
        String verdict = result == null
                ? "UNKNOWN: " + leaf.get("reason")
                : result.toString().toUpperCase(Locale.ROOT);
        String baseline = leaf.get("baseline") == null ? "" : " · baseline " + quantity(leaf, "baseline");
        return "  %s  %s = %s %s %s for %s (%s samples)%s %s\n"
                .formatted(
                        verdict,
                        leaf.get("leaf"),
                        quantity(leaf, "value"),
                        leaf.get("op"),
                        quantity(leaf, "threshold"),
                        leaf.get("held"),
                        cell(leaf.get("samples")),
                        baseline,
                        leaf.get("spark"));
    }

    /** A number of the leaf's signal, with that signal's unit where it has one. */
    private static String quantity(Map<String, Object> leaf, String key) {
        Object unit = leaf.get("unit");
        boolean isBare = leaf.get(key) == null || unit == null || unit.equals("");
        return isBare ? cell(leaf.get(key)) : cell(leaf.get(key)) + " " + unit;
    }
}
