package io.inferwatch.notifier.conversation;

import io.inferwatch.notifier.channel.Endpoint;
import io.inferwatch.notifier.channel.Notification;
import io.inferwatch.notifier.channel.Notification.Acknowledged;
import io.inferwatch.notifier.channel.Notification.Closed;
import io.inferwatch.notifier.channel.Notification.Flapping;
import io.inferwatch.notifier.channel.Notification.MembersChanged;
import io.inferwatch.notifier.channel.Notification.Opened;
import io.inferwatch.notifier.channel.Notification.Repeated;
import io.inferwatch.notifier.channel.Notification.Report;
import io.inferwatch.notifier.channel.Notification.TierChanged;
import io.inferwatch.notifier.channel.Receipt;
import io.inferwatch.notifier.channel.Situation;
import io.inferwatch.rules.Tier;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Conversations as text and back. What was told and what is owed are two texts, because they lie in two tables. Endpoints
 * hold secrets and stand there by their fingerprint only.
 */
public final class ConversationText {
    private ConversationText() {}

    public static Fields target(Target target) {
        return new Fields()
                .put("receiver", target.receiver())
                .put("rule", target.group().rule())
                .put("group", SituationText.labels(target.group().labels()));
    }

    public static Target target(Fields fields) {
        return new Target(
                fields.get("receiver"), new GroupKey(fields.get("rule"), SituationText.labels(fields.nested("group"))));
    }

    /** What the receiver was told: all of the conversation but what is owed. */
    public static Fields told(Conversation conversation) {
        Fields fields = target(conversation.target())
                .put("last_notice_at", conversation.lastNoticeAt().map(Instant::toString));
        conversation.told().ifPresent(told -> fields.put("told", told(told)));
        conversation.superseded().forEach(old -> fields.put("superseded", told(old)));
        if (!conversation.guard().equals(Guard.NONE)) {
            fields.put("guard", conversation.guard().write());
        }
        return fields;
    }

    /** What is owed, with why it could not be told so far. */
    public static Optional<Fields> owed(Conversation conversation) {
        return conversation.owed().map(owed -> {
            Fields fields = target(conversation.target())
                    .put("what", notification(owed.what()))
                    .put("key", owed.key())
                    .put("since", owed.since().toString())
                    .put("attempts", Integer.toString(owed.attempts()))
                    .put("sending", Boolean.toString(owed.sending()))
                    .put("may_have_arrived", Boolean.toString(owed.mayHaveArrived()))
                    .put("failing", conversation.failing());
            owed.thenClose().ifPresent(close -> fields.put("then_close", notification(close)));
            return fields;
        });
    }

    /** @param endpoints finds an endpoint by its fingerprint; an unknown one is taken as empty */
    public static Conversation read(
            Target target,
            Optional<Fields> toldText,
            Optional<Fields> owedText,
            Function<String, Optional<Endpoint>> endpoints) {
        Optional<Told> told =
                toldText.flatMap(text -> text.find("told")).map(Fields::decode).map(text -> readTold(text, endpoints));
        List<Told> superseded = toldText.map(text -> text.all("superseded")).orElse(List.of()).stream()
                .map(Fields::decode)
                .map(text -> readTold(text, endpoints))
                .toList();
        return new Conversation(
                target,
                told,
                owedText.map(ConversationText::readOwed),
                superseded,
                toldText.flatMap(text -> text.find("last_notice_at")).map(Instant::parse),
                owedText.flatMap(text -> text.find("failing")),
                false,
                toldText.flatMap(text -> text.find("guard"))
                        .map(Fields::decode)
                        .map(Guard::read)
                        .orElse(Guard.NONE));
    }

    private static Fields told(Told told) {
        Fields handle = new Fields();
        told.receipt().handle().forEach(handle::put);
        handle.put("names", String.join(" ", told.receipt().handle().keySet()));
        return new Fields()
                .put("key", told.key())
                .put("endpoint", told.receipt().endpoint().fingerprint())
                .put("endpoint_type", told.receipt().endpoint().type())
                .put("handle", handle)
                .put("situation", SituationText.write(told.situation()))
                .put("opened_at", told.openedAt().toString());
    }

    private static Told readTold(Fields fields, Function<String, Optional<Endpoint>> endpoints) {
        Fields handle = fields.nested("handle");
        Map<String, String> handles = new HashMap<>();
        for (String name : handle.get("names").split(" ", -1)) {
            handle.find(name).filter(value -> !name.isEmpty()).ifPresent(value -> handles.put(name, value));
        }
        Endpoint endpoint = endpoints
                .apply(fields.get("endpoint"))
                .orElseGet(() -> new Endpoint(fields.get("endpoint_type"), Map.of()));
        return new Told(
                fields.get("key"),
                new Receipt(endpoint, handles),
                SituationText.read(fields.nested("situation")),
                Instant.parse(fields.get("opened_at")));
    }

    private static Owed readOwed(Fields fields) {
        Optional<Closed> close = fields.find("then_close")
                .map(Fields::decode)
                .map(ConversationText::readNotification)
                .map(Closed.class::cast);
        return new Owed(
                readNotification(fields.nested("what")),
                fields.get("key"),
                close,
                Instant.parse(fields.get("since")),
                Integer.parseInt(fields.get("attempts")),
                Boolean.parseBoolean(fields.get("sending")),
                Boolean.parseBoolean(fields.get("may_have_arrived")));
    }

    private static Fields notification(Notification what) {
        Fields fields = new Fields().put("situation", SituationText.write(what.situation()));
        return switch (what) {
            case Opened opened -> fields.put("kind", "opened");
            case TierChanged changed ->
                fields.put("kind", "tier_changed").put("from", changed.from().name());
            case MembersChanged changed -> fields.put("kind", "members_changed");
            case Repeated repeated -> fields.put("kind", "repeated");
            case Acknowledged acknowledged -> fields.put("kind", "acknowledged");
            case Flapping flapping -> fields.put("kind", "flapping");
            case Report report -> {
                fields.put("kind", "report");
                report.lines().forEach(line -> fields.put("line", line));
                yield fields;
            }
            case Closed closed ->
                fields.put("kind", "closed")
                        .put("reason", closed.reason())
                        .put("at", closed.at().toString());
        };
    }

    private static Notification readNotification(Fields fields) {
        Situation situation = SituationText.read(fields.nested("situation"));
        String kind = fields.get("kind");
        return switch (kind) {
            case "opened" -> new Opened(situation);
            case "tier_changed" -> new TierChanged(situation, Tier.valueOf(fields.get("from")));
            case "members_changed" -> new MembersChanged(situation);
            case "repeated" -> new Repeated(situation);
            case "acknowledged" -> new Acknowledged(situation);
            case "flapping" -> new Flapping(situation);
            case "report" -> new Report(situation, fields.all("line"));
            case "closed" -> new Closed(situation, fields.get("reason"), Instant.parse(fields.get("at")));
            default -> throw new IllegalArgumentException("unknown kind of notification \"" + kind + "\"");
        };
    }
}
