package io.inferwatch.notifier.alertmanager;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.inferwatch.collector.LabelSet;
import io.inferwatch.notifier.channel.Links;
import io.inferwatch.notifier.channel.Situation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Alerts as {@code POST /api/v2/alerts} takes them; alertmanager/api/v2/openapi.yaml, postableAlerts. */
final class AlertsBody {
    private static final JsonFactory JSON = new JsonFactory();

    private final String baseUrl;

    AlertsBody(String baseUrl) {
        this.baseUrl = baseUrl;
    }

    /** @param end when it counts as resolved, unless it is sent again before */
    record Item(LabelSet labels, Situation situation, Instant end) {}

    /** What makes it one alert there. Names hold letters, digits and {@code _} alone; empty values are no labels. */
    static LabelSet labels(Situation now) {
        Map<String, String> labels = new TreeMap<>();
        now.labels().asMap().forEach((name, value) -> put(labels, name, value));
        now.lead().labels().asMap().forEach((name, value) -> put(labels, name, value));
        labels.put("alertname", now.rule());
        labels.put("severity", now.tier().name());
        return LabelSet.of(labels);
    }

    private static void put(Map<String, String> labels, String name, String value) {
        if (!value.isEmpty()) {
            String safe = name.replaceAll("[^a-zA-Z0-9_]", "_");
            labels.put(Character.isDigit(safe.charAt(0)) ? "_" + safe : safe, value);
        }
    }

    byte[] of(List<Item> items) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartArray();
            for (Item item : items) {
                write(json, item);
            }
            json.writeEndArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private void write(JsonGenerator json, Item item) throws IOException {
        Situation now = item.situation();
        json.writeStartObject();
        json.writeObjectFieldStart("labels");
        for (Map.Entry<String, String> label : item.labels().asMap().entrySet()) {
            json.writeStringField(label.getKey(), label.getValue());
        }
        json.writeEndObject();
        json.writeObjectFieldStart("annotations");
        json.writeStringField("summary", now.title());
        json.writeStringField("value", now.lead().value());
        json.writeStringField("why", String.join("\n", now.lead().why()));
        if (!now.description().isBlank()) {
            json.writeStringField("description", now.description());
        }
        Optional<String> runbook = now.runbook().flatMap(Links::web);
        if (runbook.isPresent()) {
            json.writeStringField("runbook_url", runbook.get());
        }
        if (!now.ackedBy().isEmpty()) {
            json.writeStringField("acked_by", now.ackedBy());
        }
        json.writeEndObject();
        Instant start = now.firedAt().isBefore(item.end()) ? now.firedAt() : item.end();
        json.writeStringField("startsAt", start.toString());
        json.writeStringField("endsAt", item.end().toString());
        if (!baseUrl.isEmpty()) {
            json.writeStringField("generatorURL", baseUrl);
        }
        json.writeEndObject();
    }
}
