package io.inferwatch.notifier;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.notifier.channel.Delivery;
import io.inferwatch.notifier.channel.Delivery.Delivered;
import io.inferwatch.notifier.channel.Notice;
import io.inferwatch.notifier.channel.Notification.Closed;
import io.inferwatch.notifier.channel.Notification.Opened;
import io.inferwatch.notifier.channel.Situation;
import io.inferwatch.notifier.channel.Situation.Member;
import io.inferwatch.notifier.conversation.GroupKey;
import io.inferwatch.notifier.conversation.Origin;
import io.inferwatch.rules.Tier;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Opens something harmless at a receiver and closes it at once, over its real channel. Any thread. */
final class TestNotice {
    private final Origin origin;
    private final Dispatcher dispatcher;
    private final InstantSource clock;

    TestNotice(Origin origin, Dispatcher dispatcher, InstantSource clock) {
        this.origin = origin;
        this.dispatcher = dispatcher;
        this.clock = clock;
    }

    Delivery openAndClose(ReceiverDesk desk, String receiver) {
        Instant now = clock.instant();
        GroupKey group = new GroupKey("send_test", LabelSet.of("receiver", receiver));
        String text = "Test notice from " + origin.hostId() + ": nothing is wrong";
        Member member = new Member("send_test", group.labels(), Tier.P3, "", text, List.of());
        Situation situation = new Situation(
                origin.hostId(),
                group.rule(),
                Tier.P3,
                group.labels(),
                LabelSet.of("host", origin.hostId()).plus(origin.labels()),
                text,
                "Sent by hand with inferwatch send-test.",
                Optional.empty(),
                now,
                false,
                List.of(member),
                1,
                member.id(),
                "",
                "");
        String key = group.dedupKey(origin.hostId(), "");
        Delivery opened = dispatcher.attempt(
                desk.channel(), new Notice(new Opened(situation), key, receiver, Optional.empty(), false));
        if (!(opened instanceof Delivered delivered)) {
            return opened;
        }
        Closed close = new Closed(situation, "test over", now);
        return dispatcher.attempt(
                desk.channel(), new Notice(close, key, receiver, Optional.of(delivered.receipt()), false));
    }
}
