package io.inferwatch.notifier;

import io.inferwatch.notifier.channel.Channel;
import io.inferwatch.notifier.conversation.ReceiverTraits;
import io.inferwatch.rules.NotificationPlan.Receiver;
import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The kinds of receivers there are. Immutable. */
public final class ChannelTypes implements ReceiverTraits {
    private final Map<String, Channel.Factory> byType = new TreeMap<>();

    public ChannelTypes(List<Channel.Factory> factories) {
        factories.forEach(factory -> byType.put(factory.type(), factory));
    }

    /** Reports all that is wrong with a receiver, with positions; for the loader of the rules. Reads no secret. */
    public void check(Receiver receiver, Problems problems) {
        Channel.Factory factory = byType.get(receiver.type());
        if (factory == null) {
            YamlNode where = receiver.settings().get("type").orElse(receiver.settings());
            problems.error(where, "unknown receiver type \"" + receiver.type() + "\"", "use one of " + byType.keySet());
        } else {
            factory.check(receiver, problems);
        }
    }

    Optional<Channel> create(Receiver receiver) {
        return Optional.ofNullable(byType.get(receiver.type())).map(factory -> factory.create(receiver));
    }

    @Override
    public boolean wakesByNewKey(String type) {
        return Optional.ofNullable(byType.get(type))
                .map(Channel.Factory::wakesByNewKey)
                .orElse(false);
    }

    @Override
    public boolean groupsItself(String type) {
        return Optional.ofNullable(byType.get(type))
                .map(Channel.Factory::groupsItself)
                .orElse(false);
    }
}
