package io.inferwatch.notifier.conversation;

import io.inferwatch.notifier.channel.Receipt;
import io.inferwatch.notifier.channel.Situation;
import java.time.Instant;

/**
 * What is open at a receiver, as it confirmed it.
 *
 * @param key under which it is open
 * @param situation as last told
 * @param openedAt when the open was delivered
 */
public record Told(String key, Receipt receipt, Situation situation, Instant openedAt) {}
