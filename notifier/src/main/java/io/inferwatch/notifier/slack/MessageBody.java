package io.inferwatch.notifier.slack;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import io.inferwatch.notifier.channel.Links;
import io.inferwatch.notifier.channel.Notice;
import io.inferwatch.notifier.channel.Notification;
import io.inferwatch.notifier.channel.Notification.Acknowledged;
import io.inferwatch.notifier.channel.Notification.Closed;
import io.inferwatch.notifier.channel.Notification.Flapping;
import io.inferwatch.notifier.channel.Notification.MembersChanged;
import io.inferwatch.notifier.channel.Notification.Opened;
import io.inferwatch.notifier.channel.Notification.Repeated;
import io.inferwatch.notifier.channel.Notification.Report;
import io.inferwatch.notifier.channel.Notification.TierChanged;
import io.inferwatch.notifier.channel.Situation;
import io.inferwatch.notifier.channel.Situation.Member;
import io.inferwatch.rules.Tier;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Notices as Slack messages. Sizes count as sent: Slack's limits are 150 characters a header and 3,000 a section, and,
 * found by trying, some 9,600 characters and 15 kB for all blocks together (slackapi/bolt-js, issue 2867); here they stay
 * under 9,000 characters, a header, three sections and half a one, and 14 kB.
 */
final class MessageBody {
    private static final JsonFactory JSON =
            JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();
    private static final int MAX_BLOCKS_CHARACTERS = 14_000;
    private static final int MAX_HEADER_CHARACTERS = 150;
    private static final int MAX_SECTION_CHARACTERS = 2_500;
    private static final int MAX_TEXT_CHARACTERS = 3_000;

    private final String baseUrl;
    private final List<String> mentions;

    MessageBody(String baseUrl, List<String> mentions) {
        this.baseUrl = baseUrl;
        this.mentions = List.copyOf(mentions);
    }

    /** What a message is addressed with: {@code channel}, {@code ts}, {@code thread_ts}; empty for a webhook. */
    byte[] withBlocks(Notice notice, Map<String, String> address) {
        String blocks = "";
        for (int limit = MAX_SECTION_CHARACTERS; limit > 50; limit /= 2) {
            blocks = blocks(notice, limit);
            if (blocks.length() <= MAX_BLOCKS_CHARACTERS) {
                break;
            }
        }
        return body(address, fallbackText(notice), blocks);
    }

    /** Without blocks, for when Slack does not take them; an update thereby loses those it had. */
    byte[] plain(Notice notice, Map<String, String> address) {
        String why = String.join("\n", lines(notice.what()));
        String text = fallbackText(notice) + "\n" + Mrkdwn.escape(why, 800);
        return body(address, text, "[]");
    }

    /** One line under the message in its thread. */
    byte[] threadReply(Notice notice, Map<String, String> address) {
        return body(address, fallbackText(notice), "");
    }

    private static byte[] body(Map<String, String> address, String text, String blocks) {
        StringWriter out = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            for (Map.Entry<String, String> field : address.entrySet()) {
                json.writeStringField(field.getKey(), field.getValue());
            }
            json.writeStringField("text", text);
            if (!blocks.isEmpty()) {
                json.writeFieldName("blocks");
                json.writeRawValue(blocks);
            }
            json.writeBooleanField("unfurl_links", false);
            json.writeBooleanField("unfurl_media", false);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    private String blocks(Notice notice, int mostCharacters) {
        Situation now = notice.what().situation();
        StringWriter out = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartArray();
            writeHeader(json, notice);
            writeSection(json, lead(notice, mostCharacters));
            List<String> lines = lines(notice.what());
            if (!lines.isEmpty()) {
                writeSection(json, "```" + Mrkdwn.escape(String.join("\n", lines), mostCharacters - 10) + "```");
            }
            if (now.memberCount() > 1) {
                writeSection(json, members(now, mostCharacters));
            }
            writeContext(json, context(notice, mostCharacters / 2));
            json.writeEndArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toString();
    }

    /** A report's own lines; of an alert, why it fires. */
    private static List<String> lines(Notification what) {
        return what instanceof Report report
                ? report.lines()
                : what.situation().lead().why();
    }

    private static void writeHeader(JsonGenerator json, Notice notice) throws IOException {
        Situation now = notice.what().situation();
        String repeat = notice.possibleRepeat() && notice.opened().isEmpty() ? " (possible repeat)" : "";
        String head = sign(notice.what()) + (notice.what() instanceof Report ? " " : " " + now.tier() + " · ");
        String title = Mrkdwn.plain(now.title(), MAX_HEADER_CHARACTERS - head.length() - repeat.length());
        json.writeStartObject();
        json.writeStringField("type", "header");
        json.writeObjectFieldStart("text");
        json.writeStringField("type", "plain_text");
        json.writeStringField("text", head + title + repeat);
        json.writeEndObject();
        json.writeEndObject();
    }

    private static boolean isAlarm(Notification what) {
        return !(what instanceof Closed || what instanceof Report);
    }

    private static String sign(Notification what) {
        if (what instanceof Closed) {
            return "✅";
        }
        if (what instanceof Report) {
            return "🗒";
        }
        if (what instanceof Acknowledged) {
            return "👀";
        }
        return what.situation().tier() == Tier.P0 || what.situation().tier() == Tier.P1 ? "🔴" : "🟡";
    }

    /** What happened, to what, and where to read on; the only text here that Slack may act on is ours. */
    private String lead(Notice notice, int mostCharacters) {
        Situation now = notice.what().situation();
        StringBuilder text = new StringBuilder();
        if (!mentions.isEmpty() && notice.opened().isEmpty() && isAlarm(notice.what())) {
            text.append(String.join(" ", mentions)).append('\n');
        }
        text.append('*').append(Mrkdwn.escape(happened(notice.what()), 300)).append("* · ");
        text.append(Mrkdwn.escape(now.rule(), 200)).append(" on ").append(Mrkdwn.escape(now.host(), 200));
        if (!now.lead().value().isBlank()) {
            text.append(" · ").append(Mrkdwn.escape(now.lead().value(), 200));
        }
        if (now.stale()) {
            text.append("\n_Its data stopped coming; the last known state is shown._");
        }
        if (!now.note().isEmpty()) {
            text.append('\n').append(Mrkdwn.escape(now.note(), 300));
        }
        List<String> links = new ArrayList<>();
        now.runbook().map(MessageBody::runbook).ifPresent(links::add);
        if (!baseUrl.isEmpty()) {
            links.add("<" + baseUrl + "|Inferwatch>");
        }
        if (!links.isEmpty()) {
            text.append('\n').append(String.join(" · ", links));
        }
        int left = mostCharacters - text.length() - 1;
        if (!now.description().isBlank() && left > 20) {
            text.append('\n').append(Mrkdwn.escape(now.description(), left));
        }
        return text.toString();
    }

    /** A link where it can be one; a path within the repository stays text. */
    private static String runbook(String runbook) {
        return Links.web(runbook)
                .filter(link -> link.length() < 500)
                .map(link -> "<" + link.replace("&", "&amp;") + "|Runbook>")
                .orElseGet(() -> "Runbook: " + Mrkdwn.escape(runbook, 200));
    }

    private static String happened(Notification what) {
        return switch (what) {
            case Opened opened -> "Fires";
            case TierChanged changed -> "Now " + changed.situation().tier() + ", was " + changed.from();
            case MembersChanged changed -> "Other instances fire";
            case Repeated repeated -> "Still fires";
            case Acknowledged acknowledged ->
                "Acknowledged by " + acknowledged.situation().ackedBy();
            case Flapping flapping -> "Flapping";
            case Report report -> "Report";
            case Closed closed -> "Closed: " + closed.reason();
        };
    }

    private static String members(Situation now, int mostCharacters) {
        String lines = now.members().stream().map(MessageBody::line).collect(Collectors.joining("\n"));
        int more = now.memberCount() - now.members().size();
        String rest = more > 0 ? "\nand " + more + " more" : "";
        return Mrkdwn.escape(lines, mostCharacters - rest.length() - 1) + rest;
    }

    private static String line(Member member) {
        return member.tier() + " " + labels(member.labels().asMap()) + " " + member.value();
    }

    private static String labels(Map<String, String> labels) {
        return labels.entrySet().stream()
                .map(label -> label.getKey() + "=" + label.getValue())
                .collect(Collectors.joining(" "));
    }

    private static String context(Notice notice, int mostCharacters) {
        Situation now = notice.what().situation();
        return Mrkdwn.escape(labels(now.labels().asMap()) + " · since " + now.firedAt(), mostCharacters);
    }

    private static void writeSection(JsonGenerator json, String mrkdwn) throws IOException {
        json.writeStartObject();
        json.writeStringField("type", "section");
        json.writeFieldName("text");
        writeMrkdwn(json, mrkdwn);
        json.writeEndObject();
    }

    private static void writeContext(JsonGenerator json, String mrkdwn) throws IOException {
        json.writeStartObject();
        json.writeStringField("type", "context");
        json.writeArrayFieldStart("elements");
        writeMrkdwn(json, mrkdwn);
        json.writeEndArray();
        json.writeEndObject();
    }

    /** {@code verbatim}: Slack makes no links and no mentions of names it finds by itself. */
    private static void writeMrkdwn(JsonGenerator json, String mrkdwn) throws IOException {
        json.writeStartObject();
        json.writeStringField("type", "mrkdwn");
        json.writeStringField("text", mrkdwn);
        json.writeBooleanField("verbatim", true);
        json.writeEndObject();
    }

    /** What notifications on a phone show, and what is left where blocks are not taken. */
    private static String fallbackText(Notice notice) {
        Situation now = notice.what().situation();
        String repeat = notice.possibleRepeat() && notice.opened().isEmpty() ? " (possible repeat)" : "";
        return Mrkdwn.escape(
                sign(notice.what()) + " " + now.tier() + " " + now.title() + " · " + happened(notice.what()) + " · "
                        + now.rule() + " on " + now.host() + repeat,
                MAX_TEXT_CHARACTERS);
    }
}
