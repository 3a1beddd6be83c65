package io.inferwatch.notifier;

import io.inferwatch.notifier.conversation.Ack;
import java.time.Instant;
import java.util.Optional;

/**
 * What people need to know of one episode of an alert beyond what the engine tells.
 *
 * @param at when it was last written
 * @param mutedBy why nobody was told of it at some time; empty when somebody always was
 * @param ack who took it on last; absent while nobody did
 */
public record AlertNote(Instant at, String mutedBy, Optional<Ack> ack) {}
