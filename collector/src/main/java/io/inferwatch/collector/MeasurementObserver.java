package io.inferwatch.collector;

import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.collector.catalogue.MetricCatalogue;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Turns measurements into samples of series. The same measurement, at the same place in the journal, gives the same
 * samples whenever it is read. Used by one thread.
 */
final class MeasurementObserver {
    private static final int MOST_LABEL_SETS_KEPT = 4096;

    private static final Metric TPOT_BY_TOKEN = MetricCatalogue.require("llm.tpot.token_weighted");
    private static final Metric LATENCY_BY_TOKEN = MetricCatalogue.require("llm.latency.token_weighted");
    private static final Metric REQUESTS = MetricCatalogue.require("llm.requests");

    /** One amount of a request and the metric it is a sample of. */
    private record Mapped(int bit, Metric metric) {
        static Mapped of(RequestAmount amount, String metric) {
            return new Mapped(amount.bit(), MetricCatalogue.require(metric));
        }
    }

    /** The label sets of requests that one observer saw. */
    private record Labels(RequestLabels latency, RequestLabels traffic, RequestLabels requests, RequestLabels cost) {
        static Labels of(CollectorConfig.Labels configured, LabelSet always) {
            return new Labels(
                    new RequestLabels(configured.latency(), List.of(RequestLabels.OUTCOME), always),
                    new RequestLabels(configured.traffic(), List.of(RequestLabels.OUTCOME), always),
                    new RequestLabels(configured.traffic(), List.of(RequestLabels.OUTCOME, "finish_reason"), always),
                    new RequestLabels(configured.cost(), List.of(), always));
        }
    }

    private static final List<Mapped> LATENCIES = List.of(
            Mapped.of(RequestAmount.TTFT, "llm.ttft"),
            Mapped.of(RequestAmount.CONTENT_TTFT, "llm.content_ttft"),
            Mapped.of(RequestAmount.TPOT, "llm.tpot"),
            Mapped.of(RequestAmount.LATENCY, "llm.latency"),
            Mapped.of(RequestAmount.QUEUE, "llm.queue"),
            Mapped.of(RequestAmount.PREFILL, "llm.prefill"),
            Mapped.of(RequestAmount.DECODE, "llm.decode"));

    private static final List<Mapped> TRAFFIC = List.of(
            Mapped.of(RequestAmount.INPUT_TOKENS, "llm.tokens.input"),
            Mapped.of(RequestAmount.CACHED_TOKENS, "llm.tokens.cached"),
            Mapped.of(RequestAmount.OUTPUT_TOKENS, "llm.tokens.output"),
            Mapped.of(RequestAmount.REASONING_TOKENS, "llm.tokens.reasoning"),
            Mapped.of(RequestAmount.QUALITY, "llm.quality"));

    private static final List<String> GPU_LABELS = List.of(
            "gpu", "uuid", "server", GpuMeasurement.SOURCE, "reason", "kind", "direction", "xid", "gpu_instance");

    private static final List<Mapped> COST = List.of(Mapped.of(RequestAmount.COST, "cost.usd"));

    /** What a request is a sample of, by the label sets that have to be found for it. */
    private static final List<Metric> OF_LATENCY = Stream.concat(
                    LATENCIES.stream().map(Mapped::metric), Stream.of(TPOT_BY_TOKEN, LATENCY_BY_TOKEN))
            .toList();

    private static final List<Metric> OF_TRAFFIC =
            TRAFFIC.stream().map(Mapped::metric).toList();
    private static final List<Metric> OF_COST =
            COST.stream().map(Mapped::metric).toList();

    private final Map<Observer, Labels> requestLabels = new EnumMap<>(Observer.class);
    private final LabelFamily gpuLabels;
    private boolean needsLatency = true;
    private boolean needsTraffic = true;
    private boolean needsCost = true;
    private final LabelSet always;
    private final Map<LabelSet, LabelSet> sampleLabels = new HashMap<>();

    /** @param always the labels of every series: {@code host} and the configured static ones */
    MeasurementObserver(CollectorConfig.Labels labels, LabelSet always) {
        for (Observer observer : Observer.values()) {
            requestLabels.put(observer, Labels.of(labels, always.plus(LabelSet.of("observer", observer.label()))));
        }
        this.gpuLabels = new LabelFamily(GPU_LABELS, always);
        this.always = always;
    }

    /**
     * Asks, for the record begun, which samples of requests are needed.
     *
     * @return whether any is
     */
    boolean askForRequests(ObservationSink sink) {
        needsLatency = anyNeeded(OF_LATENCY, sink);
        needsTraffic = anyNeeded(OF_TRAFFIC, sink);
        needsCost = anyNeeded(OF_COST, sink);
        return needsLatency || needsTraffic || needsCost || sink.needs(REQUESTS);
    }

    private static boolean anyNeeded(List<Metric> metrics, ObservationSink sink) {
        for (Metric metric : metrics) {
            if (sink.needs(metric)) {
                return true;
            }
        }
        return false;
    }

    /** @param position the measurement's place in its record, from 0 */
    void observe(Measurement measurement, long sequence, int position, long receivedEpochMillis, ObservationSink sink) {
        switch (measurement) {
            case RequestMeasurement request -> {
                long epochMillis = request.ownEpochMillis().orElse(receivedEpochMillis);
                String id = request.idOrNull();
                request(request, epochMillis, id == null ? madeUpId(sequence, position) : id, sink);
            }
            case SampleMeasurement sample -> sample(sample, receivedEpochMillis, sink);
            case GpuMeasurement gpu -> gpu(gpu, sink);
            case BucketedMeasurement bucketed -> bucketed(bucketed, sink);
            case SourceGap gap -> sink.gap(gap);
        }
    }

    /** What a record without an id is called among the slowest. */
    private static String madeUpId(long sequence, int position) {
        return "iw-" + sequence + "-" + position;
    }

    private void request(RequestMeasurement request, long epochMillis, String id, ObservationSink sink) {
        Labels labels = Objects.requireNonNull(requestLabels.get(request.observer()));
        if (needsLatency) {
            LabelSet latency = labels.latency.of(request);
            amounts(LATENCIES, request, latency, epochMillis, id, sink);
            tokenWeighted(request, latency, epochMillis, id, sink);
        }
        sink.observe(REQUESTS, labels.requests.of(request), epochMillis, 1, 1, id);
        if (needsTraffic) {
            amounts(TRAFFIC, request, labels.traffic.of(request), epochMillis, id, sink);
        }
        if (needsCost && request.has(RequestAmount.COST)) {
            amounts(COST, request, labels.cost.of(request, request.isCostUserOther()), epochMillis, id, sink);
        }
    }

    private static void amounts(
            List<Mapped> mapped,
            RequestMeasurement request,
            LabelSet labels,
            long epochMillis,
            String id,
            ObservationSink sink) {
        int present = request.amountsPresent();
        for (int i = 0; i < mapped.size(); i++) {
            Mapped each = mapped.get(i);
            if ((present & 1 << each.bit) != 0) {
                sink.observe(each.metric, labels, epochMillis, request.amountSteps(each.bit), 1, id);
            }
        }
    }

    private static void tokenWeighted(
            RequestMeasurement request, LabelSet labels, long epochMillis, String id, ObservationSink sink) {
        if (!request.has(RequestAmount.OUTPUT_TOKENS)) {
            return;
        }
        long tokens = request.amountSteps(RequestAmount.OUTPUT_TOKENS.bit());
        if (request.has(RequestAmount.TPOT) && tokens >= 2) {
            long micros = request.amountSteps(RequestAmount.TPOT.bit());
            sink.observe(TPOT_BY_TOKEN, labels, epochMillis, micros, tokens - 1, id);
        }
        if (request.has(RequestAmount.LATENCY) && tokens >= 1) {
            long micros = request.amountSteps(RequestAmount.LATENCY.bit());
            sink.observe(LATENCY_BY_TOKEN, labels, epochMillis, micros, tokens, id);
        }
    }

    private void sample(SampleMeasurement sample, long receivedEpochMillis, ObservationSink sink) {
        LabelSet labels = withAlways(sample.labels());
        long epochMillis = sample.ownEpochMillis().orElse(receivedEpochMillis);
        String id = sample.origin().requestId().orElse(null);
        sink.observe(sample.metric(), labels, epochMillis, sample.scaledValue(), sample.weight(), id);
    }

    private void bucketed(BucketedMeasurement bucketed, ObservationSink sink) {
        sink.observe(bucketed.metric(), withAlways(bucketed.labels()), bucketed.epochMillis(), bucketed.added());
    }

    private LabelSet withAlways(LabelSet labels) {
        if (sampleLabels.size() >= MOST_LABEL_SETS_KEPT) {
            sampleLabels.clear();
        }
        return sampleLabels.computeIfAbsent(labels, own -> own.plus(always));
    }

    private void gpu(GpuMeasurement gpu, ObservationSink sink) {
        @Nullable String[] values = new @Nullable String[GPU_LABELS.size()];
        values[0] = Integer.toString(gpu.index());
        values[1] = gpu.uuid();
        for (GpuMeasurement.Values read : gpu.values()) {
            for (int i = 2; i < values.length; i++) {
                values[i] = read.labels().get(GPU_LABELS.get(i)).orElse(null);
            }
            LabelSet labels = gpuLabels.of(values);
            for (int i = 0; i < read.count(); i++) {
                sink.observe(read.metric(), labels, gpu.epochMillis(), read.scaledAt(i), 1, null);
            }
        }
    }
}
