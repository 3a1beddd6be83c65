package io.inferwatch.api.cli;

import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/** {@code inferwatch alerts}: what fires now. */
@Command(name = "alerts", description = "What is firing or pending.")
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
        return 0;
    }
}
