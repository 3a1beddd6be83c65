package io.inferwatch.api.cli;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;

/** {@code inferwatch alerts}: what fires now. */
@Command(name = "alerts", description = "What is firing or pending, and why.")
final class AlertsCommand extends ClientCommand {
    @Override
    int run(ApiClient api) {
        String answer = api.get("/api/v1/alerts", List.of());
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
                    cell(alert.get("since")),
                    cell(Json.asObject(alert.get("acked")).get("by")),
                    cell(alert.get("summary")));
        }
        System.out.print(alerts.isEmpty() ? "nothing fires\n" : table.toString());
        alerts.forEach(alert -> System.out.print(why(alert)));
        return 0;
    }

    /** A line a leaf: what came of it, what it is, what it is held against, and for how long it held. */
    static String why(Map<String, Object> alert) {
        StringBuilder out = new StringBuilder(
                "\n" + alert.get("id") + " " + alert.get("rule") + " " + Json.asObject(alert.get("labels")) + "\n");
        Json.objects(alert, "why").forEach(leaf -> out.append(line(leaf)));
        return out.toString();
    }

    private static String line(Map<String, Object> leaf) {
        Object result = leaf.get("result");
        String verdict = result == null
                ? "UNKNOWN: " + leaf.get("reason")
                : result.toString().toUpperCase(Locale.ROOT);
        String baseline = leaf.get("baseline") == null ? "" : " · baseline " + cell(leaf.get("baseline"));
        return "  %s  %s = %s %s %s %s for %s (%s samples)%s %s\n"
                .formatted(
                        verdict,
                        leaf.get("leaf"),
                        cell(leaf.get("value")),
                        leaf.get("unit"),
                        leaf.get("op"),
                        cell(leaf.get("threshold")),
                        leaf.get("held"),
                        cell(leaf.get("samples")),
                        baseline,
                        leaf.get("spark"));
    }
}
