package io.inferwatch.collector.otlp;

import com.fasterxml.jackson.core.JsonParser;
import io.inferwatch.collector.otlp.MetricData.Kind;
import io.inferwatch.collector.otlp.MetricData.Temporality;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An {@code ExportMetricsServiceRequest} in OTLP's JSON. */
final class JsonMetrics extends JsonMessage {
    private final MetricData.Sink sink;

    private JsonMetrics(JsonParser json, MetricData.Sink sink) {
        super(json);
        this.sink = sink;
    }

    static void read(byte[] body, MetricData.Sink sink) throws MalformedOtlpException {
        readBody(body, json -> new JsonMetrics(json, sink));
    }

    /** A metric whose resource and scope may stand after it. */
    private static final class Draft {
        String name = "";
        String unit = "";

        @Nullable Kind kind;

        Temporality temporality = Temporality.UNSPECIFIED;
        boolean isMonotonic;
        final List<MetricPoint> points = new ArrayList<>();
        String scope = "";
    }

    @Override
    void message() throws IOException {
        object(name -> {
            if (name.equals("resourcemetrics")) {
                array(this::resource);
            }
        });
    }

    private void resource() throws IOException {
        Map<String, Object> attributes = new HashMap<>();
        List<Draft> drafts = new ArrayList<>();
        object(name -> {
            switch (name) {
                case "resource" ->
                    object(inner -> {
                        if (inner.equals("attributes")) {
                            array(() -> keyValue(attributes, MetricPoint.room(attributes)));
                        }
                    });
                case "scopemetrics", "instrumentationlibrarymetrics" -> array(() -> scope(drafts));
                default -> {}
            }
        });
        for (Draft draft : drafts) {
            Kind kind = draft.kind;
            if (kind != null && !draft.name.isEmpty()) {
                sink.take(new MetricData(
                        draft.name,
                        draft.unit,
                        kind,
                        draft.temporality,
                        draft.isMonotonic,
                        attributes,
                        draft.scope,
                        draft.points));
            }
        }
    }

    private void scope(List<Draft> drafts) throws IOException {
        String[] scope = {"", ""};
        List<Draft> own = new ArrayList<>();
        object(name -> {
            switch (name) {
                case "scope" ->
                    object(inner -> {
                        switch (inner) {
                            case "name" -> scope[0] = text();
                            case "version" -> scope[1] = text();
                            default -> {}
                        }
                    });
                case "metrics" -> array(() -> own.add(metric()));
                default -> {}
            }
        });
        own.forEach(draft -> draft.scope = scope[0] + '\0' + scope[1]);
        drafts.addAll(own);
    }

    private Draft metric() throws IOException {
        sink.reserve();
        Draft draft = new Draft();
        object(name -> {
            switch (name) {
                case "name" -> draft.name = text();
                case "unit" -> draft.unit = text();
                case "gauge" -> data(draft, Kind.GAUGE);
                case "sum" -> data(draft, Kind.SUM);
                case "histogram" -> data(draft, Kind.HISTOGRAM);
                case "exponentialhistogram" -> data(draft, Kind.EXPONENTIAL_HISTOGRAM);
                case "summary" -> data(draft, Kind.SUMMARY);
                default -> {}
            }
        });
        return draft;
    }

    private void data(Draft draft, Kind kind) throws IOException {
        draft.kind = kind;
        if (!draft.name.isEmpty() && !MetricNames.isKnown(draft.name)) {
            return;
        }
        object(name -> {
            switch (name) {
                case "datapoints" -> array(() -> draft.points.add(point()));
                case "aggregationtemporality" -> draft.temporality = temporality();
                case "ismonotonic" -> draft.isMonotonic = bool();
                default -> {}
            }
        });
    }

    private Temporality temporality() throws IOException {
        return switch (text()) {
            case "AGGREGATION_TEMPORALITY_DELTA" -> Temporality.DELTA;
            case "AGGREGATION_TEMPORALITY_CUMULATIVE" -> Temporality.CUMULATIVE;
            default -> Temporality.of(whole());
        };
    }

    /** Each kind has names of its own for what only it has, so that one reader does for all. */
    private MetricPoint point() throws IOException {
        sink.reserve();
        MetricPoint point = new MetricPoint();
        object(name -> {
            switch (name) {
                case "attributes" -> array(() -> keyValue(point.attributes, MetricPoint.room(point.attributes)));
                case "starttimeunixnano" -> point.startNanos = whole();
                case "timeunixnano" -> point.timeNanos = whole();
                case "flags" -> point.flags = whole();
                case "asdouble" -> point.value = number();
                case "asint" -> point.value = whole();
                case "count" -> point.count = whole();
                case "sum" -> point.sum = number();
                case "bucketcounts" -> array(() -> point.addCount(whole()));
                case "explicitbounds" -> array(() -> point.addBound(number()));
                case "scale" -> point.scale = (int) whole();
                case "zerocount" -> point.zeroCount = whole();
                case "zerothreshold" -> point.zeroThreshold = number();
                case "positive" -> buckets(point);
                case "negative" -> negative(point);
                default -> {}
            }
        });
        return point;
    }

    private void buckets(MetricPoint point) throws IOException {
        object(name -> {
            switch (name) {
                case "offset" -> point.offset = whole();
                case "bucketcounts" -> array(() -> point.addCount(whole()));
                default -> {}
            }
        });
    }

    private void negative(MetricPoint point) throws IOException {
        object(name -> {
            if (name.equals("bucketcounts")) {
                array(() -> point.hasNegative |= whole() != 0);
            }
        });
    }
}
