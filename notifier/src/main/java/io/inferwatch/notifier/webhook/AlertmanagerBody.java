package io.inferwatch.notifier.webhook;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.inferwatch.collector.LabelSet;
import io.inferwatch.notifier.channel.Links;
import io.inferwatch.notifier.channel.Notice;
import io.inferwatch.notifier.channel.Notification;
import io.inferwatch.notifier.channel.Notification.Closed;
import io.inferwatch.notifier.channel.Notification.MembersChanged;
import io.inferwatch.notifier.channel.Notification.Opened;
import io.inferwatch.notifier.channel.Notification.Repeated;
import io.inferwatch.notifier.channel.Notification.TierChanged;
import io.inferwatch.notifier.channel.Situation;
import io.inferwatch.notifier.channel.Situation.Member;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/**
 * Notices in the JSON of Alertmanager's webhook, version 4, which many programs read, with one more object
 * {@code inferwatch}: {@code kind} ({@code opened tier_changed members_changed
 * repeated acknowledged flapping closed report}), {@code key}, {@code host},
 * {@code tier}, {@code value}, {@code why} (lines), {@code instances}, {@code reason} of a close, {@code possible_repeat}.
 */
final class AlertmanagerBody {
    private static final JsonFactory JSON = new JsonFactory();
    private static final String NOT_ENDED = "0001-01-01T00:00:00Z";

    private final String baseUrl;

    AlertmanagerBody(String baseUrl) {
        this.baseUrl = baseUrl;
    }

    byte[] of(Notice notice) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            write(json, notice);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private void write(JsonGenerator json, Notice notice) throws IOException {
        Situation now = notice.what().situation();
        json.writeStartObject();
        json.writeStringField("version", "4");
        json.writeStringField("groupKey", notice.key());
        json.writeNumberField(
                "truncatedAlerts", now.memberCount() - now.members().size());
        json.writeStringField("status", status(notice.what()));
        json.writeStringField("receiver", notice.receiver());
        writeLabels(json, "groupLabels", LabelSet.of("alertname", now.rule()).plus(now.group()));
        writeLabels(
                json,
                "commonLabels",
                LabelSet.of("alertname", now.rule(), "host", now.host()).plus(now.group()));
        writeAnnotations(json, "commonAnnotations", now, now.title());
        json.writeStringField("externalURL", baseUrl);
        json.writeArrayFieldStart("alerts");
        for (Member member : now.members()) {
            writeAlert(json, notice, now, member);
        }
        json.writeEndArray();
        writeOurs(json, notice, now);
        json.writeEndObject();
    }

    private static String status(Notification what) {
        return what instanceof Closed || what instanceof Notification.Report ? "resolved" : "firing";
    }

    private void writeAlert(JsonGenerator json, Notice notice, Situation now, Member member) throws IOException {
        json.writeStartObject();
        json.writeStringField("status", status(notice.what()));
        LabelSet name =
                LabelSet.of("alertname", now.rule(), "severity", member.tier().name());
        writeLabels(json, "labels", now.labels().plus(member.labels()).plus(name));
        writeAnnotations(json, "annotations", now, member.summary().isBlank() ? now.title() : member.summary());
        json.writeStringField("startsAt", now.firedAt().toString());
        json.writeStringField(
                "endsAt", notice.what() instanceof Closed closed ? closed.at().toString() : NOT_ENDED);
        json.writeStringField("generatorURL", baseUrl);
        json.writeStringField("fingerprint", member.id());
        json.writeEndObject();
    }

    private static void writeAnnotations(JsonGenerator json, String field, Situation now, String summary)
            throws IOException {
        json.writeObjectFieldStart(field);
        json.writeStringField("summary", summary);
        if (!now.description().isBlank()) {
            json.writeStringField("description", now.description());
        }
        if (now.runbook().flatMap(Links::web).isPresent()) {
            json.writeStringField(
                    "runbook_url", now.runbook().flatMap(Links::web).get());
        }
        json.writeEndObject();
    }

    private static void writeLabels(JsonGenerator json, String field, LabelSet labels) throws IOException {
        json.writeObjectFieldStart(field);
        for (Map.Entry<String, String> label : labels.asMap().entrySet()) {
            json.writeStringField(label.getKey(), label.getValue());
        }
        json.writeEndObject();
    }

    private static void writeOurs(JsonGenerator json, Notice notice, Situation now) throws IOException {
        json.writeObjectFieldStart("inferwatch");
        json.writeStringField("kind", kind(notice.what()));
        json.writeStringField("key", notice.key());
        json.writeStringField("host", now.host());
        json.writeStringField("tier", now.tier().name());
        json.writeStringField("value", now.lead().value());
        json.writeArrayFieldStart("why");
        for (String line : now.lead().why()) {
            json.writeString(line);
        }
        json.writeEndArray();
        json.writeNumberField("instances", now.memberCount());
        json.writeBooleanField("stale", now.stale());
        if (!now.note().isEmpty()) {
            json.writeStringField("note", now.note());
        }
        if (!now.ackedBy().isEmpty()) {
            json.writeStringField("acked_by", now.ackedBy());
        }
        if (notice.what() instanceof Closed closed) {
            json.writeStringField("reason", closed.reason());
        }
        if (notice.what() instanceof Notification.Report report) {
            json.writeArrayFieldStart("lines");
            for (String line : report.lines()) {
                json.writeString(line);
            }
            json.writeEndArray();
        }
        json.writeBooleanField("possible_repeat", notice.possibleRepeat());
        json.writeEndObject();
    }

    private static String kind(Notification what) {
        return switch (what) {
            case Opened opened -> "opened";
            case TierChanged changed -> "tier_changed";
            case MembersChanged changed -> "members_changed";
            case Repeated repeated -> "repeated";
            case Notification.Acknowledged acknowledged -> "acknowledged";
            case Notification.Flapping flapping -> "flapping";
            case Notification.Report report -> "report";
            case Closed closed -> "closed";
        };
    }
}
