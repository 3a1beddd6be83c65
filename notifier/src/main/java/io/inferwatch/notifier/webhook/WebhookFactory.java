package io.inferwatch.notifier.webhook;

import io.inferwatch.notifier.channel.Channel;
import io.inferwatch.notifier.channel.ReceiverSettings;
import io.inferwatch.notifier.channel.Secret;
import io.inferwatch.notifier.outbound.Outbound;
import io.inferwatch.rules.NotificationPlan.Receiver;
import io.inferwatch.rules.yaml.Problems;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Receivers of type {@code webhook}: {@code url}. */
public final class WebhookFactory implements Channel.Factory {
    private final Outbound outbound;
    private final String baseUrl;
    private final UnaryOperator<@Nullable String> environment;

    /** @param baseUrl where people reach this sidecar; empty: no link */
    public WebhookFactory(Outbound outbound, String baseUrl, UnaryOperator<@Nullable String> environment) {
        this.outbound = outbound;
        this.baseUrl = baseUrl;
        this.environment = environment;
    }

    @Override
    public String type() {
        return "webhook";
    }

    @Override
    public void check(Receiver receiver, Problems problems) {
        ReceiverSettings settings = new ReceiverSettings(receiver, environment);
        settings.checkKeys(Set.of("url"), problems);
        settings.require("url", problems);
        settings.checkSecretUrl("url", outbound.allowedHosts(), problems);
    }

    @Override
    public Channel create(Receiver receiver) {
        Secret url = new ReceiverSettings(receiver, environment).secret("url");
        return new WebhookChannel(outbound, url, new AlertmanagerBody(baseUrl));
    }
}
