package io.inferwatch.notifier;

import io.inferwatch.notifier.conversation.Conversation;
import io.inferwatch.notifier.conversation.Target;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.StoredState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a start makes of the database and the log beside it. Where the log is newer, because the database was away or is
 * lost, the log counts: what it says was told is not told again. Pure.
 *
 * @param known conversations the database has as they are
 * @param missedByDatabase conversations as the log has them, to be written
 * @param states the engine's, without those of alerts that ended while the database was away
 */
record Recovery(List<Conversation> known, List<Conversation> missedByDatabase, List<StoredState> states) {
    private static final Logger log = LoggerFactory.getLogger(Recovery.class);

    static Recovery of(Outbox.Stored stored, Map<Target, ToldLog.Entry> logged) {
        List<Conversation> known = new ArrayList<>();
        List<Conversation> missed = new ArrayList<>();
        Set<AlertKey> ended = new HashSet<>();
        Set<Target> seen = new HashSet<>();
        for (Conversation inDatabase : stored.conversations()) {
            seen.add(inDatabase.target());
            ToldLog.Entry entry = logged.get(inDatabase.target());
            if (entry != null && entry.isNewerThan(inDatabase.lastNoticeAt())) {
                missed.add(taken(entry, ended));
            } else {
                known.add(inDatabase);
            }
        }
        logged.forEach((target, entry) -> {
            boolean isOpen = !entry.conversation().isSettled();
            if (!seen.contains(target) && isOpen) {
                missed.add(taken(entry, ended));
            }
        });
        return new Recovery(known, missed, without(stored.states(), ended));
    }

    private static Conversation taken(ToldLog.Entry entry, Set<AlertKey> ended) {
        Conversation conversation = entry.conversation();
        log.warn(
                "The database lacks what {} was told about {}; taken from the log beside it",
                conversation.target().receiver(),
                conversation.target().group());
        ended.addAll(entry.closed());
        return conversation;
    }

    private static List<StoredState> without(List<StoredState> states, Set<AlertKey> ended) {
        return states.stream().filter(state -> !ended.contains(state.key())).toList();
    }

    boolean isDatabaseUpToDate() {
        return missedByDatabase.stream()
                .allMatch(conversation ->
                        conversation.told().isPresent() && conversation.owed().equals(Optional.empty()));
    }
}
