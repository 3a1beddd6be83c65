package io.inferwatch.api.exposition;

import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.collector.catalogue.MetricUnit;
import io.prometheus.metrics.model.snapshots.PrometheusNaming;
import io.prometheus.metrics.model.snapshots.Unit;
import org.jspecify.annotations.Nullable;

/**
 * A metric's name as Prometheus has it: base units, underscores, the unit at the end. {@code _total} is the
 * format's to append.
 */
record PrometheusName(String name) {
    private static final String PREFIX = "inferwatch_";

    static PrometheusName of(Metric metric) {
        String bare = metric.name().replace('.', '_').replace('-', '_');
        String prefixed = bare.startsWith(PREFIX) ? bare : PREFIX + bare;
        String suffix = suffix(metric.unit());
        String name = suffix.isEmpty() || prefixed.endsWith("_" + suffix) ? prefixed : prefixed + "_" + suffix;
        return new PrometheusName(PrometheusNaming.sanitizeMetricName(name));
    }

    /** The base unit at the end of its name; none for what is counted in itself. */
    static @Nullable Unit unit(Metric metric) {
        String suffix = suffix(metric.unit());
        return suffix.isEmpty() ? null : new Unit(suffix);
    }

    private static String suffix(MetricUnit unit) {
        return switch (unit) {
            case MILLISECONDS, SECONDS, NANOSECOND_SECONDS -> "seconds";
            case PERCENT, RATIO -> "ratio";
            case DOLLARS -> "usd";
            case BYTES -> "bytes";
            case WATTS -> "watts";
            case CELSIUS -> "celsius";
            case MEGAHERTZ -> "hertz";
            case JOULES, MICROJOULE_JOULES -> "joules";
            case TOKENS, COUNT, BOOLEAN, PUSHED -> "";
        };
    }
}
