package io.inferwatch.notifier;

import io.inferwatch.notifier.channel.Channel;
import io.inferwatch.rules.NotificationPlan;
import io.inferwatch.rules.NotificationPlan.Receiver;
import io.inferwatch.rules.yaml.Position;
import io.inferwatch.rules.yaml.YamlNode.Mapping;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The desks of all receivers: those of the running rules, and those that left them with something still open. */
final class ReceiverDesks {
    private static final Logger log = LoggerFactory.getLogger(ReceiverDesks.class);

    private final ChannelTypes types;
    private final Map<String, ReceiverDesk> byName = new HashMap<>();
    private final Map<String, ReceiverDesk> formerByNameAndType = new HashMap<>();
    private @Nullable NotificationPlan plan;

    ReceiverDesks(ChannelTypes types) {
        this.types = types;
    }

    /** @return whether the plan is another than before */
    boolean follow(NotificationPlan newPlan, long nowNanos) {
        if (newPlan.equals(plan)) {
            return false;
        }
        plan = newPlan;
        byName.values().removeIf(desk -> isGone(desk, newPlan));
        for (Receiver receiver : newPlan.receivers().values()) {
            ReceiverDesk before = byName.get(receiver.name());
            if (before == null || !before.receiver().equals(receiver)) {
                types.create(receiver)
                        .ifPresentOrElse(
                                channel -> byName.put(receiver.name(), new ReceiverDesk(receiver, channel, nowNanos)),
                                () -> log.error(
                                        "Receiver {} has the unknown type {}", receiver.name(), receiver.type()));
            }
        }
        return true;
    }

    /** Kept for its closes, which still know its settings. */
    private boolean isGone(ReceiverDesk desk, NotificationPlan newPlan) {
        Receiver receiver = desk.receiver();
        Receiver next = newPlan.receivers().get(receiver.name());
        boolean gone = next == null || !next.type().equals(receiver.type());
        if (gone) {
            formerByNameAndType.put(receiver.name() + " " + receiver.type(), desk);
        }
        return gone;
    }

    Optional<ReceiverDesk> current(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** The desk for something opened at a receiver of that name and type, also where there is none by now. */
    Optional<ReceiverDesk> former(String name, String type, long nowNanos) {
        ReceiverDesk now = byName.get(name);
        if (now != null && now.receiver().type().equals(type)) {
            return Optional.of(now);
        }
        ReceiverDesk former = formerByNameAndType.get(name + " " + type);
        if (former == null) {
            Receiver receiver = new Receiver(name, type, Optional.empty(), empty(name));
            Optional<Channel> channel = types.create(receiver);
            if (channel.isEmpty()) {
                return Optional.empty();
            }
            former = new ReceiverDesk(receiver, channel.get(), nowNanos);
            formerByNameAndType.put(name + " " + type, former);
        }
        return Optional.of(former);
    }

    private static Mapping empty(String name) {
        return new Mapping(new Position("", 1, 1), "receivers." + name, Map.of());
    }

    Collection<ReceiverDesk> all() {
        return java.util.stream.Stream.concat(byName.values().stream(), formerByNameAndType.values().stream())
                .toList();
    }

    Optional<NotificationPlan> plan() {
        return Optional.ofNullable(plan);
    }
}
