package io.inferwatch.notifier.conversation;

/** One group at one receiver: what has an order and is told once. */
public record Target(String receiver, GroupKey group) {}
