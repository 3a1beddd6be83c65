package io.inferwatch.notifier;

import io.inferwatch.notifier.channel.Endpoint;
import io.inferwatch.notifier.conversation.Conversation;
import io.inferwatch.notifier.conversation.Orders;
import io.inferwatch.rules.StoredState;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** What survives a restart: alert state, what receivers were told and are owed, and the records people read. */
public interface Outbox {

    /** What a process finds when it starts. */
    record Stored(List<StoredState> states, List<Conversation> conversations, Orders orders) {
        public Stored {
            states = List.copyOf(states);
            conversations = List.copyOf(conversations);
        }
    }

    /** One transaction; completes when it is committed. */
    CompletableFuture<Void> write(Changes changes);

    /** @param endpoints finds an endpoint by its fingerprint; the database keeps no credentials */
    CompletableFuture<Stored> load(Function<String, Optional<Endpoint>> endpoints);

    /** The newest first, at most {@code limit}, 1 to 1,000. */
    CompletableFuture<List<DeliveryRecord>> recentDeliveries(int limit);

    CompletableFuture<List<PastAlert>> alertHistory(HistoryFilter filter);

    /** How many notices of each kind were delivered since then, by rule. */
    CompletableFuture<Map<String, Map<String, Long>>> delivered(Instant since);
}
