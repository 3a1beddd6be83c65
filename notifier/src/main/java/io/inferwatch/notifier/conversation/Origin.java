package io.inferwatch.notifier.conversation;

import io.inferwatch.collector.LabelSet;

/**
 * Who speaks.
 *
 * @param hostId of this sidecar, part of every key
 * @param labels the configured static ones, on every notice
 */
public record Origin(String hostId, LabelSet labels) {
    public Origin {
        if (hostId.isBlank()) {
            throw new IllegalArgumentException("host_id is empty; a receiver could not tell two hosts apart");
        }
    }
}
