package io.inferwatch.notifier.pagerduty;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.inferwatch.collector.LabelSet;
import io.inferwatch.notifier.channel.Links;
import io.inferwatch.notifier.channel.Notice;
import io.inferwatch.notifier.channel.Notification.Acknowledged;
import io.inferwatch.notifier.channel.Notification.Closed;
import io.inferwatch.notifier.channel.Situation;
import io.inferwatch.notifier.channel.Situation.Member;
import io.inferwatch.notifier.channel.Text;
import io.inferwatch.rules.Tier;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Notices as events of PagerDuty's Events API v2. */
final class EventBody {
    private static final JsonFactory JSON = new JsonFactory();

    /** PagerDuty takes 512 kB; a larger event is sent without its details. */
    private static final int MAX_BYTES = 512_000;

    private static final int MAX_SUMMARY_CHARACTERS = 1024;

    private final Map<Tier, String> severities;
    private final String baseUrl;

    EventBody(Map<Tier, String> severities, String baseUrl) {
        this.severities = Map.copyOf(severities);
        this.baseUrl = baseUrl;
    }

    byte[] of(Notice notice, String routingKey) {
        byte[] whole = write(notice, routingKey, true);
        return whole.length <= MAX_BYTES ? whole : write(notice, routingKey, false);
    }

    private byte[] write(Notice notice, String routingKey, boolean details) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeStringField("routing_key", routingKey);
            json.writeStringField("dedup_key", notice.key());
            if (notice.what() instanceof Closed) {
                json.writeStringField("event_action", "resolve");
            } else if (notice.what() instanceof Acknowledged) {
                json.writeStringField("event_action", "acknowledge");
            } else {
                json.writeStringField("event_action", "trigger");
                writePayload(json, notice.what().situation(), details);
                writeLinks(json, notice.what().situation());
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private void writePayload(JsonGenerator json, Situation now, boolean details) throws IOException {
        json.writeObjectFieldStart("payload");
        json.writeStringField("summary", summary(now));
        json.writeStringField("source", Text.cut(now.host(), MAX_SUMMARY_CHARACTERS));
        json.writeStringField("severity", severities.getOrDefault(now.tier(), "error"));
        json.writeStringField("timestamp", now.firedAt().toString());
        json.writeStringField("class", now.rule());
        writeLabel(json, "component", now.labels(), "model");
        writeLabel(json, "group", now.labels(), "team");
        json.writeObjectFieldStart("custom_details");
        if (details) {
            writeDetails(json, now);
        } else {
            json.writeStringField("tier", now.tier().name());
            json.writeStringField("note", "the details exceeded PagerDuty's 512 kB and were left out");
        }
        json.writeEndObject();
        json.writeEndObject();
    }

    /** Without the tier: PagerDuty keeps the first summary for good, while tiers change. */
    private static String summary(Situation now) {
        String title = now.title()
                .replaceAll("\\bP[0-3]\\b:?", "")
                .replaceAll("\\s+", " ")
                .strip();
        String where = title.contains(now.host()) ? "" : " @ " + now.host();
        return Text.cut(title.isEmpty() ? now.rule() : title, MAX_SUMMARY_CHARACTERS - Text.length(where)) + where;
    }

    private static void writeLabel(JsonGenerator json, String field, LabelSet labels, String name) throws IOException {
        if (labels.get(name).isPresent()) {
            json.writeStringField(field, labels.get(name).get());
        }
    }

    private static void writeDetails(JsonGenerator json, Situation now) throws IOException {
        json.writeStringField("tier", now.tier().name());
        json.writeStringField("rule", now.rule());
        json.writeStringField("value", now.lead().value());
        writeLines(json, "why", now.lead().why());
        writeLabels(json, now.labels());
        if (!now.description().isBlank()) {
            json.writeStringField("description", now.description());
        }
        Optional<String> noLink =
                now.runbook().filter(runbook -> Links.web(runbook).isEmpty());
        if (noLink.isPresent()) {
            json.writeStringField("runbook", noLink.get());
        }
        if (now.stale()) {
            json.writeStringField("data", "stale: nothing new came in, the last known state is shown");
        }
        if (!now.note().isEmpty()) {
            json.writeStringField("note", now.note());
        }
        json.writeNumberField("instances", now.memberCount());
        if (now.memberCount() > 1) {
            writeLines(
                    json, "members", now.members().stream().map(EventBody::line).toList());
        }
    }

    private static String line(Member member) {
        return member.tier() + " " + member.labels() + " " + member.value();
    }

    private static void writeLines(JsonGenerator json, String field, List<String> lines) throws IOException {
        json.writeArrayFieldStart(field);
        for (String line : lines) {
            json.writeString(line);
        }
        json.writeEndArray();
    }

    private static void writeLabels(JsonGenerator json, LabelSet labels) throws IOException {
        json.writeObjectFieldStart("labels");
        for (Map.Entry<String, String> label : labels.asMap().entrySet()) {
            json.writeStringField(label.getKey(), label.getValue());
        }
        json.writeEndObject();
    }

    private void writeLinks(JsonGenerator json, Situation now) throws IOException {
        if (now.runbook().flatMap(Links::web).isPresent()) {
            json.writeArrayFieldStart("links");
            json.writeStartObject();
            json.writeStringField("href", now.runbook().flatMap(Links::web).get());
            json.writeStringField("text", "Runbook");
            json.writeEndObject();
            json.writeEndArray();
        }
        json.writeStringField("client", "inferwatch");
        if (!baseUrl.isEmpty()) {
            json.writeStringField("client_url", baseUrl);
        }
    }
}
