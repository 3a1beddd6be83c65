package io.inferwatch.api.cli;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The fleet as people read it: a row a GPU, what is wrong in words below it. Pure. */
final class GpuTable {
    private static final double GIB = 1L << 30;
    private static final String SM = "gpu.sm.utilization";

    private GpuTable() {}

    /** @param fleet the answer of {@code GET /api/v1/gpus} */
    static String of(Map<String, Object> fleet) {
        Table table =
                new Table("GPU", "NAME", "SM", "SOURCE", "MEMORY", "POWER", "TEMP", "SM CLOCK", "MEM CLOCK", "VERDICT");
        StringBuilder words = new StringBuilder();
        for (Map<String, Object> gpu : Json.objects(fleet, "gpus")) {
            Map<String, Object> readings = Json.asObject(gpu.get("readings"));
            Map<String, Object> verdict = Json.asObject(gpu.get("verdict"));
            table.row(
                    ClientCommand.cell(gpu.get("index")),
                    ClientCommand.cell(gpu.get("name")),
                    sm(readings),
                    source(readings),
                    pair(readings, "gpu.memory.used", "gpu.memory.total", " GiB", GIB),
                    pair(readings, "gpu.power", "gpu.power.limit", " W", 1),
                    shown(readings, "gpu.temperature", " °C", 1),
                    shown(readings, "gpu.clock.sm", " MHz", 1),
                    shown(readings, "gpu.clock.memory", " MHz", 1),
                    state(verdict));
            words.append(trouble(gpu, verdict));
        }
        String head = "driver " + fleet.getOrDefault("driver", "–") + " · generation "
                + ClientCommand.cell(fleet.get("generation"))
                + (fleet.get("reason") == null ? "" : " · " + fleet.get("reason"));
        return head + "\n" + table + printable(words.toString());
    }

    /** Why, since when, and what to do; nothing for a healthy GPU. */
    private static String trouble(Map<String, Object> gpu, Map<String, Object> verdict) {
        String reason = String.valueOf(verdict.getOrDefault("reason", ""));
        if (reason.isEmpty()) {
            return "";
        }
        StringBuilder text = new StringBuilder("\nGPU " + ClientCommand.cell(gpu.get("index")) + " " + gpu.get("uuid")
                + " is " + state(verdict) + " since " + verdict.get("since") + ": " + reason + "\n");
        if (verdict.get("evidence") instanceof List<?> evidence) {
            evidence.stream()
                    .filter(seen -> !reason.equals(seen))
                    .forEach(seen -> text.append("  seen: ").append(seen).append('\n'));
        }
        Object action = verdict.get("action");
        return action == null || action.toString().isEmpty()
                ? text.toString()
                : text.append("  to do: ").append(action).append('\n').toString();
    }

    private static String state(Map<String, Object> verdict) {
        return ClientCommand.cell(verdict.get("state")).replace('_', ' ');
    }

    /** Of a GPU divided by MIG, of each instance that tells it. */
    private static String sm(Map<String, Object> readings) {
        List<Map<String, Object>> instances = instances(readings);
        return instances.isEmpty()
                ? shown(readings, SM, "%", 1)
                : instances.stream()
                                .map(part -> part.get("value") instanceof Number value
                                        ? rounded(value.doubleValue()) + "%"
                                        : absence(part.get("state")))
                                .collect(Collectors.joining(", "))
                        + " (MIG)";
    }

    private static List<Map<String, Object>> instances(Map<String, Object> readings) {
        return Json.objects(Json.asObject(readings.get(SM)), "parts");
    }

    private static String source(Map<String, Object> readings) {
        List<Map<String, Object>> instances = instances(readings);
        return ClientCommand.cell(
                (instances.isEmpty() ? Json.asObject(readings.get(SM)) : instances.getFirst()).get("source"));
    }

    /** A value, or the state of a reading that has none. */
    private static String shown(Map<String, Object> readings, String metric, String unit, double unitsPerStep) {
        Map<String, Object> reading = Json.asObject(readings.get(metric));
        return reading.get("value") instanceof Number value
                ? rounded(value.doubleValue() / unitsPerStep) + unit
                : absence(reading.get("state"));
    }

    private static String pair(
            Map<String, Object> readings, String metric, String limit, String unit, double unitsPerStep) {
        Map<String, Object> most = Json.asObject(readings.get(limit));
        String value = shown(readings, metric, "", unitsPerStep);
        return most.get("value") instanceof Number number && Character.isDigit(value.charAt(0))
                ? value + "/" + rounded(number.doubleValue() / unitsPerStep) + unit
                : value + (Character.isDigit(value.charAt(0)) ? unit : "");
    }

    private static String absence(@Nullable Object state) {
        return state == null ? "–" : state.toString().replace('_', ' ');
    }

    private static String rounded(double value) {
        return String.format(Locale.ROOT, "%.0f", value);
    }

    private static String printable(String text) {
        return text.replaceAll("[\\p{Cntrl}&&[^\n]]", "?");
    }
}
