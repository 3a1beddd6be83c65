package io.inferwatch.notifier.slack;

import io.inferwatch.notifier.channel.Channel;
import io.inferwatch.notifier.channel.Delivery;
import io.inferwatch.notifier.channel.Endpoint;
import io.inferwatch.notifier.channel.Notice;
import io.inferwatch.notifier.channel.Pace;
import io.inferwatch.notifier.channel.Receipt;
import io.inferwatch.notifier.channel.Secret;
import java.util.Optional;

/** A receiver that left the rules: how its closes go out shows only in where their opens went. */
record FormerSlack(Channel bot, Channel webhook) implements Channel {
    @Override
    public Pace pace() {
        return bot.pace();
    }

    @Override
    public Endpoint endpoint(Optional<Receipt> opened) throws Secret.Unreadable {
        boolean byWebhook = opened.map(Receipt::endpoint)
                .flatMap(endpoint -> endpoint.field("url"))
                .isPresent();
        return byWebhook ? webhook.endpoint(opened) : bot.endpoint(opened);
    }

    @Override
    public Delivery deliver(Notice notice, Endpoint endpoint) {
        return endpoint.field("url").isPresent() ? webhook.deliver(notice, endpoint) : bot.deliver(notice, endpoint);
    }
}
