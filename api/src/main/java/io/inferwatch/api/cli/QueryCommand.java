package io.inferwatch.api.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code inferwatch query llm.ttft -p 50,95,99 --by model}. */
@Command(name = "query", description = "Percentiles from a running sidecar.")
final class QueryCommand extends ClientCommand {
    @Parameters(paramLabel = "METRIC", description = "a metric of the catalogue, for example llm.ttft")
    String metric = "";

    @Option(names = "-p", paramLabel = "LIST", description = "percentiles (default 50,95,99)")
    String percentiles = "50,95,99";

    @Option(names = "--by", paramLabel = "LABELS", description = "labels that make groups, a comma list")
    @Nullable String by;

    @Option(names = "--where", paramLabel = "LABEL:VALUE", description = "label:value, label:glob*, label:!value")
    List<String> where = new ArrayList<>();

    @Option(names = "--from", paramLabel = "TIME", description = "start of the range (default -15m)")
    String from = "-15m";

    @Option(names = "--to", paramLabel = "TIME", description = "end of the range (default now)")
    @Nullable String to;

    @Override
    int run(ApiClient api) {
        List<Map.Entry<String, String>> query = new ArrayList<>();
        query.add(Map.entry("metric", metric));
        query.add(Map.entry("p", percentiles));
        query.add(Map.entry("from", from));
        Optional.ofNullable(by).ifPresent(labels -> query.add(Map.entry("by", labels)));
        Optional.ofNullable(to).ifPresent(time -> query.add(Map.entry("to", time)));
        where.forEach(matcher -> query.add(Map.entry("where", matcher)));
        String answer = api.get("/api/v1/percentiles", query);
        System.out.print(asJson() ? answer + "\n" : table(Json.object(answer)));
        return 0;
    }

    private static String table(Map<String, Object> answer) {
        List<Map<String, Object>> series = Json.objects(answer, "series");
        if (series.isEmpty()) {
            return "no samples of " + answer.get("metric") + " from " + answer.get("from") + " to " + answer.get("to")
                    + "\n";
        }
        List<String> header = new ArrayList<>(List.of("LABELS", "COUNT", "MIN", "MAX"));
        header.addAll(Json.asObject(series.getFirst().get("percentiles")).keySet());
        Table table = new Table(header.toArray(String[]::new));
        for (Map<String, Object> one : series) {
            List<String> row = new ArrayList<>();
            row.add(labels(one));
            row.add(cell(one.get("count")));
            row.add(cell(one.get("min")));
            row.add(cell(one.get("max")));
            Json.asObject(one.get("percentiles")).values().forEach(value -> row.add(cell(value)));
            table.row(row.toArray(String[]::new));
        }
        return answer.get("metric") + " in " + answer.get("unit") + "\n" + table;
    }

    private static String labels(Map<String, Object> series) {
        String text = Json.asObject(series.get("labels")).toString();
        return text.equals("{}") ? "all" : text.substring(1, text.length() - 1);
    }
}
