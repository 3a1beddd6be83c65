package io.inferwatch.collector.otlp;

import io.inferwatch.collector.Outcome;
import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.collector.catalogue.MetricCatalogue;
import io.inferwatch.collector.scrape.EngineNames;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What the name of an OTLP metric means: OpenTelemetry's gen_ai conventions of now and of before, what vLLM and SGLang write
 * as {@code gen_ai.latency.*}, OpenLLMetry, and the names on the pages of engines, which a collector passes on as they are.
 * One row a name.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/">gen_ai metrics</a>
 */
final class MetricNames {
    private static final String OPERATION = "gen_ai.operation.name";
    private static final Metric REQUESTS = MetricCatalogue.require("llm.requests");
    private static final String TOKEN_TYPE = "gen_ai.token.type";

    /** Who measured: the two see one call, and so are two observers. */
    enum Side {
        SERVER("otlp"),
        CLIENT("otlp_client");

        private final String observer;

        Side(String observer) {
            this.observer = observer;
        }

        String observer() {
            return observer;
        }
    }

    /**
     * @param unitsPerUnit how many of the metric's unit one of the sender's is
     * @param age 0 for the newest of several names for one thing
     * @param labels what the point's attributes become, server and observer aside
     */
    record Meaning(Metric metric, Side side, double unitsPerUnit, int age, Map<String, String> labels) {}

    private record Row(Metric metric, Side side, int age, String tokenType) {}

    private static final Map<String, List<Row>> TABLE = table();

    private static final Map<String, Double> MILLIS_PER = Map.of("s", 1e3, "", 1e3, "ms", 1.0, "us", 1e-3, "ns", 1e-6);
    private static final Set<String> NUMBERS = Set.of("", "1", "{token}", "{tokens}", "token", "tokens");

    private MetricNames() {}

    private static Map<String, List<Row>> table() {
        Map<String, List<Row>> table = new HashMap<>();
        of(table, Side.SERVER, "llm.ttft", "gen_ai.server.time_to_first_token", "gen_ai.latency.time_to_first_token");
        of(table, Side.SERVER, "llm.tpot", "gen_ai.server.time_per_output_token");
        of(table, Side.SERVER, "llm.tpot.token_weighted", "gen_ai.server.inter_token_latency");
        of(table, Side.SERVER, "llm.latency", "gen_ai.server.request.duration", "gen_ai.latency.e2e");
        of(table, Side.SERVER, "llm.queue", "gen_ai.latency.time_in_queue");
        of(table, Side.SERVER, "llm.prefill", "gen_ai.latency.time_in_model_prefill");
        of(table, Side.SERVER, "llm.decode", "gen_ai.latency.time_in_model_decode");
        of(table, Side.CLIENT, "llm.latency", "gen_ai.client.operation.duration");
        of(
                table,
                Side.CLIENT,
                "llm.ttft",
                "gen_ai.client.operation.time_to_first_chunk",
                "llm.chat_completions.streaming_time_to_first_token");
        of(table, Side.CLIENT, "llm.decode", "llm.chat_completions.streaming_time_to_generate");
        table.put(
                "gen_ai.client.token.usage",
                List.of(
                        new Row(MetricCatalogue.require("llm.tokens.input"), Side.CLIENT, 0, "input"),
                        new Row(MetricCatalogue.require("llm.tokens.output"), Side.CLIENT, 0, "output")));
        return Map.copyOf(table);
    }

    /** @param names the newest first */
    private static void of(Map<String, List<Row>> table, Side side, String metric, String... names) {
        for (int age = 0; age < names.length; age++) {
            table.put(names[age], List.of(new Row(MetricCatalogue.require(metric), side, age, "")));
        }
    }

    static boolean isKnown(String name) {
        return TABLE.containsKey(name) || page(name).isPresent();
    }

    /** Not the counts of requests: beside spans of the same engine they would count each twice under one observer. */
    private static Optional<EngineNames.Meaning> page(String name) {
        return EngineNames.find(plain(name)).filter(meaning -> !meaning.metric().equals(REQUESTS));
    }

    private static String plain(String name) {
        return name.endsWith("_total") ? name.substring(0, name.length() - "_total".length()) : name;
    }

    /**
     * @return empty where these points tell nothing of calls of a model: tools, agents, ranks that repeat each other
     * @throws MalformedOtlpException when they should and cannot be understood; the message says why
     */
    static Optional<Meaning> meaning(MetricData data, MetricPoint point) throws MalformedOtlpException {
        Map<String, String> texts = texts(data.resource(), point.attributes);
        List<Row> rows = TABLE.getOrDefault(data.name(), List.of());
        if (rows.isEmpty()) {
            return ofPage(data, texts);
        }
        String operation = texts.getOrDefault(OPERATION, "");
        if (!operation.isEmpty() && !Attributes.CALLS.contains(operation)) {
            return Optional.empty();
        }
        String type = texts.getOrDefault(TOKEN_TYPE, "");
        for (Row row : rows) {
            if (row.tokenType.isEmpty() || row.tokenType.equals(type)) {
                requireHistogram(data);
                return Optional.of(new Meaning(row.metric, row.side, units(data, row.metric), row.age, labels(texts)));
            }
        }
        return Optional.empty();
    }

    private static Optional<Meaning> ofPage(MetricData data, Map<String, String> texts) throws MalformedOtlpException {
        Optional<EngineNames.Meaning> page = page(data.name());
        if (page.isEmpty() || !EngineNames.isOwn(texts)) {
            return Optional.empty();
        }
        EngineNames.Meaning meaning = page.get();
        if (meaning.isHistogram()) {
            requireHistogram(data);
        }
        Map<String, String> labels = new HashMap<>();
        EngineNames.model(texts).or(() -> model(texts)).ifPresent(model -> labels.put("model", model));
        int age = EngineNames.age(plain(data.name()));
        return Optional.of(new Meaning(meaning.metric(), Side.SERVER, meaning.unitsPerPageUnit(), age, labels));
    }

    private static void requireHistogram(MetricData data) throws MalformedOtlpException {
        if (!data.isHistogram()) {
            throw new MalformedOtlpException(data.name() + " is no histogram; send it as one, explicit or exponential");
        }
    }

    private static double units(MetricData data, Metric metric) throws MalformedOtlpException {
        boolean isTime = metric.latency();
        Double units = isTime ? MILLIS_PER.get(data.unit()) : NUMBERS.contains(data.unit()) ? Double.valueOf(1) : null;
        if (units == null) {
            throw new MalformedOtlpException(
                    data.name() + " has the unit \"" + data.unit() + "\"; send it in " + (isTime ? "s" : "{token}"));
        }
        return units;
    }

    /** Attributes of the point before those of its resource. */
    private static Map<String, String> texts(Map<String, Object> resource, Map<String, Object> point) {
        Map<String, String> texts = new HashMap<>();
        resource.forEach((key, value) -> texts.put(key, String.valueOf(value)));
        point.forEach((key, value) -> texts.put(key, String.valueOf(value)));
        return texts;
    }

    private static Map<String, String> labels(Map<String, String> texts) {
        Map<String, String> labels = new HashMap<>();
        model(texts).ifPresent(model -> labels.put("model", model));
        String error = texts.getOrDefault(Attributes.ERROR_TYPE, "");
        Outcome outcome = error.isEmpty() ? Outcome.SUCCESS : SpanRequest.outcomeOf(error);
        labels.put("outcome", outcome.label());
        return labels;
    }

    private static Optional<String> model(Map<String, String> texts) {
        return Stream.of(Attributes.MODEL)
                .map(key -> texts.getOrDefault(key, ""))
                .filter(model -> !model.isEmpty() && model.length() <= Span.MOST_TEXT)
                .findFirst();
    }
}
