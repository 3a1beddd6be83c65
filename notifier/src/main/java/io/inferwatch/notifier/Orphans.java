package io.inferwatch.notifier;

import io.inferwatch.notifier.channel.Situation;
import io.inferwatch.notifier.channel.Situation.Member;
import io.inferwatch.notifier.conversation.Conversation;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.StoredState;
import io.inferwatch.rules.Tier;
import io.inferwatch.rules.engine.RuleEngine;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What receivers hold open and the engine has no memory of: its state was lost, or it ended while a call was under way and
 * the process died before the close was decided. The engine is told of it, so that it closes once the condition is known
 * not to hold, and does not pend anew where it does.
 */
final class Orphans {
    private Orphans() {}

    private record Open(Tier tier, Instant firedAt) {}

    /**
     * The states with one more for each instance that is open at a receiver and has none.
     *
     * @param missed what was told after the database last took anything: where a state knows nothing of it, it is older
     */
    static List<StoredState> added(
            List<StoredState> states, Collection<Conversation> conversations, Collection<Conversation> missed) {
        Map<AlertKey, Open> since = open(missed);
        List<StoredState> all = new ArrayList<>(
                states.stream().filter(state -> !isOlder(state, since)).toList());
        Map<AlertKey, Open> open = open(conversations);
        open.keySet().removeAll(all.stream().map(StoredState::key).collect(Collectors.toSet()));
        open.forEach((key, was) -> all.add(RuleEngine.toldState(key, was.tier(), was.firedAt())));
        return all;
    }

    /** Gone on from, it would open once more, or rise once more, what somebody was told of. */
    private static boolean isOlder(StoredState state, Map<AlertKey, Open> since) {
        Open told = since.get(state.key());
        return told != null && !RuleEngine.toldTier(state).equals(Optional.of(told.tier()));
    }

    private static Map<AlertKey, Open> open(Collection<Conversation> conversations) {
        Map<AlertKey, Open> open = new LinkedHashMap<>();
        for (Conversation conversation : conversations) {
            if (!conversation.target().group().isOfARule()) {
                continue;
            }
            conversation
                    .stillOpen()
                    .ifPresent(situation -> situation
                            .members()
                            .forEach(member ->
                                    open.merge(key(situation, member), open(situation, member), Orphans::moreUrgent)));
        }
        return open;
    }

    private static AlertKey key(Situation situation, Member member) {
        return new AlertKey(situation.rule(), member.labels());
    }

    private static Open open(Situation situation, Member member) {
        return new Open(member.tier(), situation.firedAt());
    }

    private static Open moreUrgent(Open one, Open other) {
        return other.tier().isMoreUrgentThan(one.tier()) ? other : one;
    }
}
