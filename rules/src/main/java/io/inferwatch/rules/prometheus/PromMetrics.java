package io.inferwatch.rules.prometheus;

import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.collector.catalogue.MetricCatalogue;
import io.inferwatch.collector.scrape.EngineNames;
import io.inferwatch.collector.scrape.EngineNames.Meaning;
import io.inferwatch.rules.prometheus.PromExpr.Matcher;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which of our metrics, labels and series a name, a label and a matcher of Prometheus mean. */
final class PromMetrics {
    private static final double MIB = 1 << 20;
    /** dcgm-exporter's gauges by their names; counters there are totals since the driver was loaded. */
    private static final Map<String, Meaning> OTHERS = Map.ofEntries(
            gauge("up", "server.up", 1),
            gauge("DCGM_FI_DEV_GPU_TEMP", "gpu.temperature", 1),
            gauge("DCGM_FI_DEV_MEMORY_TEMP", "gpu.temperature.memory", 1),
            gauge("DCGM_FI_DEV_POWER_USAGE", "gpu.power", 1),
            gauge("DCGM_FI_DEV_POWER_MGMT_LIMIT", "gpu.power.limit", 1),
            gauge("DCGM_FI_DEV_GPU_UTIL", "gpu.utilization", 1),
            gauge("DCGM_FI_DEV_MEM_COPY_UTIL", "gpu.memory.copy_utilization", 1),
            gauge("DCGM_FI_DEV_FB_USED", "gpu.memory.used", MIB),
            gauge("DCGM_FI_DEV_FB_TOTAL", "gpu.memory.total", MIB),
            gauge("DCGM_FI_DEV_FB_RESERVED", "gpu.memory.reserved", MIB),
            gauge("DCGM_FI_DEV_SM_CLOCK", "gpu.clock.sm", 1),
            gauge("DCGM_FI_DEV_MEM_CLOCK", "gpu.clock.memory", 1),
            gauge("DCGM_FI_DEV_ROW_REMAP_PENDING", "gpu.rows.pending", 1),
            gauge("DCGM_FI_DEV_ROW_REMAP_FAILURE", "gpu.rows.failed", 1),
            gauge("DCGM_FI_PROF_SM_OCCUPANCY", "gpu.sm.occupancy", 100),
            gauge("DCGM_FI_PROF_PIPE_TENSOR_ACTIVE", "gpu.tensor.active", 100),
            gauge("DCGM_FI_PROF_DRAM_ACTIVE", "gpu.dram.active", 100),
            gauge("DCGM_FI_PROF_GR_ENGINE_ACTIVE", "gpu.graphics.active", 100));

    private static final Map<String, String> LABELS = Map.of(
            "model_name", "model",
            "instance", "server",
            "UUID", "uuid",
            "Hostname", "host",
            "hostname", "host");
    private static final List<String> OF_AN_INSTANCE = List.of("model", "server", "gpu");

    private PromMetrics() {}

    private static Map.Entry<String, Meaning> gauge(String name, String metric, double unitsEach) {
        return Map.entry(name, new Meaning(MetricCatalogue.require(metric), unitsEach, false, Map.of()));
    }

    /** @throws Refusal naming the metric */
    static Meaning meaning(String family) {
        return Optional.ofNullable(OTHERS.get(family))
                .or(() -> EngineNames.find(family))
                .orElseThrow(
                        () -> new Refusal(
                                "the metric " + family + " means nothing here: send it as custom."
                                        + family.toLowerCase(java.util.Locale.ROOT)
                                                .replace(':', '_')
                                        + " to /api/v1/samples and write a rule on that, or use the metric of docs/rules.md that means the same"));
    }

    /** The labels every series of a metric is told apart by: what makes an alert where nothing is summed up. */
    static List<String> instances(Metric metric) {
        return OF_AN_INSTANCE.stream().filter(metric.labels()::contains).toList();
    }

    /** @throws Refusal on a label the metric does not have here */
    static List<String> labels(Metric metric, List<String> names) {
        List<String> labels = new ArrayList<>();
        for (String name : names) {
            if (!name.equals("le")) {
                labels.add(label(metric, name));
            }
        }
        return labels.stream().distinct().toList();
    }

    private static String label(Metric metric, String name) {
        String label = LABELS.getOrDefault(name, name);
        if (!metric.labels().contains(label) && !label.equals("host")) {
            throw new Refusal("the label " + name + " is not known to " + metric.name() + ", which has "
                    + String.join(", ", metric.labels()));
        }
        return label;
    }

    /** Values by our labels: {@code "x"}, {@code "!x"}, {@code "x*"}. */
    static Map<String, List<String>> where(Metric metric, List<Matcher> matchers) {
        Map<String, List<String>> where = new LinkedHashMap<>();
        for (Matcher matcher : matchers) {
            if (matcher.label().equals("instance")) {
                throw new Refusal(
                        "a matcher on instance names an address; servers are named in the configuration here");
            }
            String label = label(metric, matcher.label());
            String not = matcher.op().startsWith("!") ? "!" : "";
            List<String> patterns =
                    matcher.op().endsWith("~") ? alternatives(matcher) : List.of(literal(matcher, matcher.value()));
            if (where.putIfAbsent(label, patterns.stream().map(p -> not + p).toList()) != null) {
                throw new Refusal("two matchers on " + matcher.label() + " are not translated");
            }
        }
        return where;
    }

    private static List<String> alternatives(Matcher matcher) {
        List<String> patterns = new ArrayList<>();
        for (String part : matcher.value().split("\\|", -1)) {
            String pattern = part.replace(".*", "*").replace("\\\\.", ".");
            boolean isGlob = pattern.replace("*", "").matches("[A-Za-z0-9_./:@ -]*")
                    && !pattern.isEmpty()
                    && !part.replace(".*", "").replace("\\\\.", "").contains(".");
            if (!isGlob) {
                throw new Refusal("the pattern " + matcher.label() + matcher.op() + "\"" + matcher.value()
                        + "\" is more than names, | and .*");
            }
            patterns.add(pattern);
        }
        return patterns;
    }

    private static String literal(Matcher matcher, String value) {
        if (value.contains("*") || value.startsWith("!") || value.contains("\\")) {
            throw new Refusal("the value of " + matcher.label() + " has signs that mean something else here");
        }
        return value;
    }
}
