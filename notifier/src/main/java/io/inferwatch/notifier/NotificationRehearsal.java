package io.inferwatch.notifier;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.notifier.channel.Endpoint;
import io.inferwatch.notifier.channel.Notification;
import io.inferwatch.notifier.channel.Notification.Closed;
import io.inferwatch.notifier.channel.Notification.MembersChanged;
import io.inferwatch.notifier.channel.Notification.Opened;
import io.inferwatch.notifier.channel.Notification.Repeated;
import io.inferwatch.notifier.channel.Notification.TierChanged;
import io.inferwatch.notifier.channel.Receipt;
import io.inferwatch.notifier.conversation.Conversation;
import io.inferwatch.notifier.conversation.Decider;
import io.inferwatch.notifier.conversation.Decider.Decision;
import io.inferwatch.notifier.conversation.Origin;
import io.inferwatch.notifier.conversation.Owed;
import io.inferwatch.notifier.conversation.Target;
import io.inferwatch.notifier.conversation.TickView;
import io.inferwatch.notifier.conversation.Told;
import io.inferwatch.rules.AlertListener;
import io.inferwatch.rules.NotificationPlan;
import io.inferwatch.rules.TickResult;
import io.inferwatch.rules.Tier;
import io.inferwatch.rules.book.SentChecker;
import io.inferwatch.rules.yaml.YamlNode;
import io.inferwatch.rules.yaml.YamlNode.Scalar;
import io.inferwatch.rules.yaml.YamlNode.Sequence;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an inline test's alerts would have receivers told: the stage that decides for the running pipeline, on the test's
 * clock, with every notice taken as delivered the moment it is decided. Reads no secret and calls nobody.
 *
 * <p>Its words, in the order of sending: {@code P2 trigger} for what is opened under a key that is not open there,
 * {@code P1 update} for another tier or other instances under the key that is open, {@code P1 repeat} for what has not
 * changed, {@code P1 flapping} where the flap guard holds a close back, {@code resolve} for a close. A rise that takes a new key to wake somebody is therefore a {@code trigger}, with
 * a {@code resolve} for the key it replaces.
 */
public final class NotificationRehearsal implements SentChecker {
    private static final String RESOLVE = "resolve";
    private static final Pattern WORDS = Pattern.compile("P[0-3] (trigger|update|repeat|flapping)|" + RESOLVE);

    private final Origin origin;
    private final ChannelTypes types;

    /**
     * @param hostId as in {@link NotificationPipeline}; routes may match it
     * @param labels the configured static ones; routes may match them
     */
    public NotificationRehearsal(String hostId, LabelSet labels, ChannelTypes types) {
        this.origin = new Origin(hostId, labels);
        this.types = types;
    }

    @Override
    public Run start() {
        return new OneTest(new Decider(origin, types), Optional.empty());
    }

    /** Who is told of what when rules run over the past. */
    @FunctionalInterface
    public interface Sink {
        /**
         * @param words as in {@code expect: sent}
         * @param at the tick at which it would have been sent
         */
        void sent(String rule, String receiver, String words, Instant at);
    }

    /** A fresh run that has sent nothing yet and keeps nothing: each notice is handed on. */
    public AlertListener start(Sink sink) {
        return new OneTest(new Decider(origin, types), Optional.of(sink));
    }

    private static final class OneTest implements Run {
        private static final Comparator<Conversation> MOST_URGENT_FIRST = Comparator.comparing(conversation ->
                conversation.owed().map(owed -> owed.what().situation().tier()).orElse(Tier.P3));

        private final Decider decider;
        private final Inbox inbox = new Inbox();
        private final Map<Target, Conversation> conversations = new LinkedHashMap<>();
        private final List<Sent> sent = new ArrayList<>();
        private @Nullable Instant firstTickAt;
        private @Nullable NotificationPlan plan;

        private final Optional<Sink> sink;

        OneTest(Decider decider, Optional<Sink> sink) {
            this.decider = decider;
            this.sink = sink;
        }

        private record Sent(String rule, String receiver, String words) {}

        @Override
        public void onTick(TickResult result) {
            inbox.add(result);
            plan = result.plan();
            firstTickAt = firstTickAt == null ? result.at() : firstTickAt;
            TickView view = inbox.take().orElseThrow().view();
            Decision decision = decider.decide(conversations, view, Set.of(), firstTickAt);
            decision.dropped().forEach(conversations::remove);
            decision.changed().stream()
                    .sorted(MOST_URGENT_FIRST)
                    .forEach(changed -> conversations.put(changed.target(), delivered(changed, result)));
        }

        /** All that is owed, and then the keys that were replaced, as the dispatcher takes them. */
        private Conversation delivered(Conversation changed, TickResult tick) {
            Target target = changed.target();
            String type = java.util.Objects.requireNonNull(
                            tick.plan().receivers().get(target.receiver()))
                    .type();
            Receipt receipt = new Receipt(new Endpoint(type, Map.of()), Map.of());
            Conversation now = changed;
            for (Optional<Owed> owed = now.owed(); owed.isPresent(); owed = now.owed()) {
                note(target, words(now, owed.get()), tick.at());
                now = now.attempting().delivered(receipt, tick.at());
            }
            for (Told replaced : now.superseded()) {
                note(target, RESOLVE, tick.at());
                now = now.closedSuperseded(replaced.key());
            }
            return now;
        }

        private void note(Target target, String words, Instant at) {
            String rule = target.group().rule();
            sink.ifPresentOrElse(
                    each -> each.sent(rule, target.receiver(), words, at),
                    () -> sent.add(new Sent(rule, target.receiver(), words)));
        }

        private static String words(Conversation before, Owed owed) {
            Notification what = owed.what();
            boolean sameKey =
                    before.told().map(told -> told.key().equals(owed.key())).orElse(false);
            String change = sameKey ? " update" : " trigger";
            return switch (what) {
                case Opened opened -> what.situation().tier() + " trigger";
                case TierChanged changed -> what.situation().tier() + change;
                case MembersChanged changed -> what.situation().tier() + change;
                case Repeated repeated -> what.situation().tier() + " repeat";
                case Notification.Acknowledged acknowledged -> what.situation().tier() + " acknowledge";
                case Notification.Flapping flapping -> what.situation().tier() + " flapping";
                case Notification.Report report -> "report";
                case Closed closed -> RESOLVE;
            };
        }

        @Override
        public List<String> differences(String rule, YamlNode.Mapping expected) {
            List<String> found = new ArrayList<>();
            expected.entries()
                    .forEach((receiver, entry) ->
                            difference(rule, receiver, entry.value()).ifPresent(found::add));
            return found;
        }

        private Optional<String> difference(String rule, String receiver, YamlNode expected) {
            Set<String> receivers =
                    plan == null ? Set.of() : new TreeSet<>(plan.receivers().keySet());
            if (!receivers.contains(receiver)) {
                return Optional.of("sent names no receiver \"" + receiver + "\"; there are " + receivers);
            }
            List<String> wanted = new ArrayList<>();
            for (YamlNode item : expected instanceof Sequence sequence ? sequence.items() : List.of(expected)) {
                if (!(item instanceof Scalar scalar)
                        || !WORDS.matcher(scalar.text()).matches()) {
                    return Optional.of(
                            "sent." + receiver + " is a list of \"P2 trigger\", \"P1 update\", \"P1 repeat\","
                                    + " \"P1 flapping\" and \"resolve\", with any tier");
                }
                wanted.add(scalar.text());
            }
            List<String> was = sent.stream()
                    .filter(each -> each.rule().equals(rule) && each.receiver().equals(receiver))
                    .map(Sent::words)
                    .toList();
            return was.equals(wanted)
                    ? Optional.empty()
                    : Optional.of(receiver + " was sent " + was + ", not " + wanted);
        }
    }
}
