package io.inferwatch.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import io.inferwatch.benchmarks.ScriptedHost.Counter;
import io.inferwatch.benchmarks.ScriptedHost.Level;
import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.RunningSidecar;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether what a {@link ScriptedHost} says is found again: in {@code /api/v1/gpus}, {@code /metrics} and a percentile or sum
 * over HTTP, of every metric of the catalogue. What is not is told, a line each.
 */
final class GpuTruth {
    private static final Duration SEEN = Duration.ofSeconds(30);

    /** Of a percentile: the catalogue's promise. */
    private static final double RELATIVE = 0.001;

    private final RunningSidecar sidecar;
    private final List<String> missed = new ArrayList<>();
    private int found;
    private JsonNode fleet;
    private String page = "";

    GpuTruth(RunningSidecar sidecar) {
        this.sidecar = sidecar;
        this.fleet = sidecar.api().read("/api/v1/gpus");
    }

    /** Every counter has a first reading: what it grows from here on is what must be found. */
    void awaitFirstReadings() {
        for (int gpu = 0; gpu < ScriptedHost.WHOLE; gpu++) {
            int index = gpu;
            Await.until("a first reading of everything on GPU " + gpu, SEEN, () -> {
                fleet = sidecar.api().read("/api/v1/gpus");
                return ScriptedHost.PER_SECOND.keySet().stream()
                                .allMatch(counter -> isValue(reading(index, counter.metric())))
                        && ScriptedHost.levels(index).stream()
                                .allMatch(level -> isValue(reading(index, level.metric())));
            });
        }
    }

    /**
     * Looks everything up, after the script has come to rest.
     *
     * @param seconds of load that the counters have counted
     */
    void check(int seconds) {
        Counter energy = new Counter("gpu.energy", "");
        double last = ScriptedHost.WATTS * seconds;
        Await.until("the last level of the slowest counter", SEEN, () -> {
            fleet = sidecar.api().read("/api/v1/gpus");
            return isClose(sum(ScriptedHost.WHOLE - 1, energy), last)
                    && isClose(
                            sum(ScriptedHost.WHOLE - 1, new Counter("gpu.rows.remapped", "kind:corrected")), seconds);
        });
        page = sidecar.api().get("/metrics").text();
        everyMetricIsPresent();
        for (int gpu = 0; gpu < ScriptedHost.WHOLE; gpu++) {
            for (Level level : ScriptedHost.levels(gpu)) {
                level(gpu, level);
            }
            int index = gpu;
            ScriptedHost.PER_SECOND.forEach((counter, rate) -> counter(index, counter, rate * seconds));
        }
        for (int gpu = ScriptedHost.WHOLE; gpu < ScriptedHost.ALL; gpu++) {
            divided(gpu);
        }
        double xids = first(sidecar.api()
                        .read("/api/v1/windows", "metric", "gpu.xid", "agg", "sum", "by", "gpu,xid", "where", "gpu:6"))
                .path("value")
                .asDouble();
        note("gpu.xid of GPU 6 in a query", xids == 1);
    }

    int found() {
        return found;
    }

    List<String> missed() {
        return missed;
    }

    private void everyMetricIsPresent() {
        for (JsonNode metric : sidecar.api().read("/api/v1/metrics").path("metrics")) {
            String name = metric.path("name").asText();
            if (name.startsWith("gpu.") && !name.equals("gpu.xid")) {
                // Pages are retired on cards older than this one alone.
                String wanted = name.startsWith("gpu.pages.") ? "unsupported" : "value";
                note(
                        name + " is " + wanted,
                        reading(0, name).path("state").asText().equals(wanted));
            }
        }
    }

    private void level(int gpu, Level level) {
        String what = level.metric() + " of GPU " + gpu;
        JsonNode reading = reading(gpu, level.metric());
        note(what + " in the list", reading.path("value").asDouble(Double.NaN) == level.value());
        note(what + " has its source", reading.path("source").asText().equals(level.source()));
        note(
                what + " in /metrics",
                onPage(level.page(), "gpu=\"" + gpu + "\"")
                        .filter(value -> isClose(value, level.value() * level.pagePerUnit()))
                        .isPresent());
        double median = first(sidecar.api()
                        .read("/api/v1/percentiles", "metric", level.metric(), "where", "gpu:" + gpu, "p", "50"))
                .path("percentiles")
                .path("p50")
                .asDouble(Double.NaN);
        note(what + " in a percentile", Math.abs(median - level.value()) <= RELATIVE * level.value());
    }

    private void counter(int gpu, Counter counter, double grown) {
        String what = counter.metric() + " " + counter.label() + " of GPU " + gpu;
        note(what + " in a query", isClose(sum(gpu, counter), grown));
        String unit = reading(gpu, counter.metric()).path("unit").asText();
        String suffix = unit.equals("J") ? "_joules_total" : unit.equals("s") ? "_seconds_total" : "_total";
        String name = counter.metric().replace('.', '_') + suffix;
        String label = counter.label().isEmpty() ? "" : counter.label().replace(":", "=\"") + "\"";
        note(
                what + " in /metrics",
                onPage(name, "gpu=\"" + gpu + "\"", label)
                        .filter(value -> isClose(value, grown))
                        .isPresent());
        note(what + " in the list", isValue(reading(gpu, counter.metric())));
    }

    private void divided(int gpu) {
        JsonNode sm = reading(gpu, "gpu.sm.utilization");
        note(
                "the whole of GPU " + gpu + " is unsupported",
                sm.path("state").asText().equals("unsupported"));
        for (int instance = 1; instance <= ScriptedHost.INSTANCES; instance++) {
            double value = ScriptedHost.instanceSm(gpu, instance);
            String what = "gpu.sm.utilization of instance " + instance + " of GPU " + gpu;
            JsonNode part = sm.path("parts").path(instance - 1);
            note(what + " in the list", part.path("value").asDouble() == value);
            note(what + " has its source", part.path("source").asText().equals("gpm"));
            note(
                    what + " in /metrics",
                    onPage("gpu_sm_utilization_ratio", "gpu=\"" + gpu + "\"", "gpu_instance=\"" + instance + "\"")
                            .filter(shown -> isClose(shown, value / 100))
                            .isPresent());
            double median = first(sidecar.api()
                            .read(
                                    "/api/v1/percentiles",
                                    "metric",
                                    "gpu.sm.utilization",
                                    "where",
                                    "gpu:" + gpu,
                                    "where",
                                    "gpu_instance:" + instance,
                                    "p",
                                    "50"))
                    .path("percentiles")
                    .path("p50")
                    .asDouble(Double.NaN);
            note(what + " in a percentile", Math.abs(median - value) <= RELATIVE * value);
        }
    }

    private double sum(int gpu, Counter counter) {
        List<String> query = new ArrayList<>(List.of("metric", counter.metric(), "agg", "sum", "where", "gpu:" + gpu));
        if (!counter.label().isEmpty()) {
            query.addAll(List.of("where", counter.label()));
        }
        return first(sidecar.api().read("/api/v1/windows", query.toArray(String[]::new)))
                .path("value")
                .asDouble(Double.NaN);
    }

    private JsonNode reading(int gpu, String metric) {
        return fleet.path("gpus").path(gpu).path("readings").path(metric);
    }

    private static boolean isValue(JsonNode reading) {
        return reading.path("state").asText().equals("value");
    }

    private static JsonNode first(JsonNode answer) {
        return answer.path("series").path(0);
    }

    private static boolean isClose(double value, double wanted) {
        return Math.abs(value - wanted) <= 1e-7 * Math.abs(wanted);
    }

    /** The value of the one line of that name with these labels. */
    private Optional<Double> onPage(String name, String... labels) {
        return page.lines()
                .filter(line -> line.startsWith("inferwatch_" + name + "{"))
                .filter(line -> List.of(labels).stream().allMatch(line::contains))
                .map(line -> Double.parseDouble(
                        line.substring(line.lastIndexOf('}') + 1).strip().split(" ")[0]))
                .findFirst();
    }

    private void note(String what, boolean isSo) {
        if (isSo) {
            found++;
        } else {
            missed.add(String.format(Locale.ROOT, "not so: %s", what));
        }
    }
}
