package io.inferwatch.api.cli;

import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/** {@code inferwatch gpus}: one row a GPU. */
@Command(name = "gpus", description = "What NVML says, one row a GPU.")
final class GpusCommand extends ClientCommand {
    @Override
    int run(ApiClient api) {
        String answer = api.get("/api/v1/gpus", List.of());
        Map<String, Object> fleet = Json.object(answer);
        List<Map<String, Object>> gpus = Json.objects(fleet, "gpus");
        if (asJson()) {
            System.out.println(answer);
        } else if (!gpus.isEmpty()) {
            System.out.print(table(gpus));
        }
        if (gpus.isEmpty()) {
            throw new CommandFailure(
                    InferwatchCommand.NOT_HERE, "no GPUs: " + fleet.getOrDefault("reason", "none found"));
        }
        return 0;
    }

    private static Table table(List<Map<String, Object>> gpus) {
        Table table = new Table("GPU", "NAME", "SM", "SOURCE", "MEMORY", "POWER", "TEMPERATURE", "CLOCK", "VERDICT");
        for (Map<String, Object> gpu : gpus) {
            Map<String, Object> readings = Json.asObject(gpu.get("readings"));
            Map<String, Object> verdict = Json.asObject(gpu.get("verdict"));
            table.row(
                    cell(gpu.get("index")),
                    cell(gpu.get("name")),
                    shown(readings, "gpu.sm.utilization"),
                    cell(Json.asObject(readings.get("gpu.sm.utilization")).get("source")),
                    memory(readings),
                    shown(readings, "gpu.power"),
                    shown(readings, "gpu.temperature"),
                    shown(readings, "gpu.clock.sm"),
                    cell(verdict.get("state"))
                            + (cell(verdict.get("reason")).isEmpty() ? "" : ": " + verdict.get("reason")));
        }
        return table;
    }

    private static String shown(Map<String, Object> readings, String metric) {
        Map<String, Object> reading = Json.asObject(readings.get(metric));
        return reading.get("value") instanceof Number value
                ? Math.round(value.doubleValue()) + " " + reading.get("unit")
                : cell(reading.get("state"));
    }

    private static String memory(Map<String, Object> readings) {
        Map<String, Object> reading = Json.asObject(readings.get("gpu.memory.used"));
        return reading.get("value") instanceof Number bytes
                ? "%.1f GiB".formatted(bytes.doubleValue() / (1L << 30))
                : cell(reading.get("state"));
    }
}
