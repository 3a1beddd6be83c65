package io.inferwatch.notifier.slack;

import io.inferwatch.notifier.channel.Channel;
import io.inferwatch.notifier.channel.ReceiverSettings;
import io.inferwatch.notifier.outbound.Outbound;
import io.inferwatch.rules.NotificationPlan.Receiver;
import io.inferwatch.rules.yaml.Problems;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Receivers of type {@code slack}: {@code mode: bot} with {@code token}, {@code channel}, {@code api_url}, {@code update},
 * {@code thread_updates}, or {@code mode: webhook} with {@code url}; both with {@code mention}.
 */
public final class SlackFactory implements Channel.Factory {
    private static final String API_URL = "https://slack.com/api/";
    private static final Set<String> BOT_KEYS =
            Set.of("mode", "token", "channel", "api_url", "update", "thread_updates", "mention");
    private static final Set<String> WEBHOOK_KEYS = Set.of("mode", "url", "mention");

    private final Outbound outbound;
    private final String baseUrl;
    private final UnaryOperator<@Nullable String> environment;

    /** @param baseUrl where people reach this sidecar; empty: no link */
    public SlackFactory(Outbound outbound, String baseUrl, UnaryOperator<@Nullable String> environment) {
        this.outbound = outbound;
        this.baseUrl = baseUrl;
        this.environment = environment;
    }

    @Override
    public String type() {
        return "slack";
    }

    @Override
    public void check(Receiver receiver, Problems problems) {
        ReceiverSettings settings = new ReceiverSettings(receiver, environment);
        settings.checkOneOf("mode", Set.of("bot", "webhook"), problems);
        if (isWebhook(settings)) {
            checkWebhook(settings, problems);
        } else {
            checkBot(settings, problems);
        }
        for (String mention : settings.texts("mention")) {
            if (Mention.parse(mention).isEmpty()) {
                settings.node("mention")
                        .ifPresent(node -> problems.error(
                                node,
                                "\"" + mention + "\" cannot be mentioned",
                                "use here, channel, everyone, a user's id (U…) or a user group's (S…)"));
            }
        }
    }

    private void checkWebhook(ReceiverSettings settings, Problems problems) {
        settings.checkKeys(WEBHOOK_KEYS, problems);
        settings.require("url", problems);
        settings.checkSecretUrl("url", outbound.allowedHosts(), problems);
    }

    private void checkBot(ReceiverSettings settings, Problems problems) {
        settings.checkKeys(BOT_KEYS, problems);
        settings.require("token", problems);
        settings.require("channel", problems);
        settings.checkSecret("token", problems);
        settings.checkOneOf("update", Set.of("in_place"), problems);
        settings.checkOneOf("thread_updates", Set.of("true", "false"), problems);
        settings.checkUrl("api_url", outbound.allowedHosts(), problems);
    }

    private static boolean isWebhook(ReceiverSettings settings) {
        return settings.text("mode").orElse("bot").equals("webhook");
    }

    @Override
    public Channel create(Receiver receiver) {
        ReceiverSettings settings = new ReceiverSettings(receiver, environment);
        MessageBody body = new MessageBody(
                baseUrl,
                settings.texts("mention").stream()
                        .flatMap(mention -> Mention.parse(mention).stream())
                        .toList());
        Channel webhook = new SlackWebhook(outbound, settings.secret("url"), body);
        if (receiver.settings().entries().isEmpty()) {
            return new FormerSlack(bot(settings, body), webhook);
        }
        return isWebhook(settings) ? webhook : bot(settings, body);
    }

    private Channel bot(ReceiverSettings settings, MessageBody body) {
        String apiUrl = settings.text("api_url").orElse(API_URL);
        return new SlackBot(
                outbound,
                apiUrl.endsWith("/") ? apiUrl : apiUrl + "/",
                settings.secret("token"),
                settings.text("channel").orElse(""),
                settings.flag("thread_updates", false),
                body);
    }
}
