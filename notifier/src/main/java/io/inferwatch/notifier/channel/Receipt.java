package io.inferwatch.notifier.channel;

import java.util.Map;

/**
 * What a channel needs to come back to something it delivered.
 *
 * @param endpoint where it went; the close goes there too
 * @param handle the channel's own words, for Slack {@code channel} and {@code ts}; no secrets
 */
public record Receipt(Endpoint endpoint, Map<String, String> handle) {
    public Receipt {
        handle = Map.copyOf(handle);
    }
}
