package io.inferwatch.notifier.alertmanager;

import io.inferwatch.notifier.channel.Channel;
import io.inferwatch.notifier.channel.ReceiverSettings;
import io.inferwatch.notifier.outbound.Outbound;
import io.inferwatch.rules.NotificationPlan.Receiver;
import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlNode;
import io.inferwatch.rules.yaml.YamlNode.Scalar;
import io.inferwatch.rules.yaml.YamlNode.Sequence;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;

/** Receivers of type {@code alertmanager}: {@code urls}, one of each member of the cluster. */
public final class AlertmanagerFactory implements Channel.Factory {
    private final Outbound outbound;
    private final String baseUrl;
    private final InstantSource clock;

    /** @param baseUrl where people reach this sidecar; empty: no link */
    public AlertmanagerFactory(Outbound outbound, String baseUrl, InstantSource clock) {
        this.outbound = outbound;
        this.baseUrl = baseUrl;
        this.clock = clock;
    }

    @Override
    public String type() {
        return "alertmanager";
    }

    @Override
    public boolean groupsItself() {
        return true;
    }

    @Override
    public void check(Receiver receiver, Problems problems) {
        ReceiverSettings settings = settings(receiver);
        settings.checkKeys(Set.of("urls"), problems);
        settings.require("urls", problems);
        List<YamlNode> members = settings.node("urls")
                .map(node -> node instanceof Sequence list ? list.items() : List.of(node))
                .orElse(List.of());
        for (YamlNode member : members) {
            String url = member instanceof Scalar scalar ? scalar.text() : "";
            outbound.allowedHosts()
                    .objection(url)
                    .ifPresent(objection -> problems.error(member, "this member cannot be called: " + objection));
        }
        if (members.isEmpty()) {
            settings.node("urls")
                    .ifPresent(node -> problems.error(node, "no member is named", "write [https://alertmanager:9093]"));
        }
    }

    @Override
    public Channel create(Receiver receiver) {
        return new AlertmanagerChannel(outbound, settings(receiver).texts("urls"), new AlertsBody(baseUrl), clock);
    }

    /** None of its settings is a secret. */
    private static ReceiverSettings settings(Receiver receiver) {
        return new ReceiverSettings(receiver, name -> null);
    }
}
