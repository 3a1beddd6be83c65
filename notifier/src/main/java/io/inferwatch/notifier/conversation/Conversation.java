package io.inferwatch.notifier.conversation;

import io.inferwatch.notifier.channel.Notification;
import io.inferwatch.notifier.channel.Notification.Closed;
import io.inferwatch.notifier.channel.Notification.Opened;
import io.inferwatch.notifier.channel.Notification.Report;
import io.inferwatch.notifier.channel.Notification.TierChanged;
import io.inferwatch.notifier.channel.Receipt;
import io.inferwatch.notifier.channel.Situation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * All that is known about one group at one receiver. Immutable; {@link Decider} makes the next one from a tick, and the
 * methods here make it from how an attempt ended.
 *
 * @param told what is open there; absent when nothing is
 * @param owed what is to be told next
 * @param superseded keys that a wake-up replaced and that are still to be closed
 * @param lastNoticeAt when it was last told anything; kept after a close, for {@code interval}
 * @param failing why it cannot be told; its fallback is told while this stands
 * @param held whether it was restored and its condition is not known yet: nothing is closed on mere absence
 * @param guard what keeps it from being told too often
 */
public record Conversation(
        Target target,
        Optional<Told> told,
        Optional<Owed> owed,
        List<Told> superseded,
        Optional<Instant> lastNoticeAt,
        Optional<String> failing,
        boolean held,
        Guard guard) {
    public Conversation {
        superseded = List.copyOf(superseded);
    }

    public static Conversation start(Target target) {
        return new Conversation(
                target,
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                false,
                Guard.NONE);
    }

    /** Whether nothing is open, owed or to be closed. */
    public boolean isSettled() {
        return told.isEmpty() && owed.isEmpty() && superseded.isEmpty();
    }

    /** Whether a guard needs it after a restart although nothing was told. */
    public boolean isRemembered() {
        return !guard.equals(Guard.NONE);
    }

    /** What is open there, or may soon be, and is not about to be closed. */
    public Optional<Situation> stillOpen() {
        if (owed.isEmpty()) {
            return told.map(Told::situation);
        }
        boolean closes =
                owed.get().what() instanceof Closed || owed.get().thenClose().isPresent();
        return closes ? Optional.empty() : Optional.of(owed.get().what().situation());
    }

    /** What is open there, or may be because an attempt ended without an answer. */
    Optional<Situation> mayBeKnown() {
        Optional<Situation> inDoubt = owed.filter(Owed::isInDoubt)
                .map(Owed::what)
                .filter(what -> !(what instanceof Closed))
                .map(Notification::situation);
        return inDoubt.or(() -> told.map(Told::situation));
    }

    /** Whether what is owed opens something there, or closes it: no other notice changes what is open. */
    public boolean opensOrCloses() {
        Optional<String> open = told.map(Told::key);
        return owed.filter(next -> !(next.what() instanceof Report))
                .filter(next -> next.what() instanceof Closed || !open.equals(Optional.of(next.key())))
                .isPresent();
    }

    /** Whether what is owed was attempted before. */
    public boolean isTriedAgain() {
        return owed.filter(next -> next.attempts() > 0).isPresent();
    }

    /** Since when somebody there could have acknowledged it, or should have been able to. */
    Optional<Instant> firstToldAt() {
        return told.map(Told::openedAt).or(() -> owed.map(Owed::since));
    }

    /** Something to be told besides what alerts ask for. */
    public Conversation owing(Report report, String key, Instant at) {
        return withOwed(Optional.of(Owed.of(report, key, at)));
    }

    /** It was time to tell something, and there was nothing to tell. */
    public Conversation toldNothing(Instant at) {
        return new Conversation(target, told, owed, superseded, Optional.of(at), failing, held, guard);
    }

    /** Before the attempt, so that a restart knows that one may have been made. */
    public Conversation attempting() {
        return withOwed(owed.map(Owed::attempted));
    }

    /** The receiver took what it was owed. */
    public Conversation delivered(Receipt receipt, Instant at) {
        Owed sent = owed.orElseThrow();
        Optional<Owed> next = sent.thenClose().map(close -> Owed.of(close, sent.key(), at));
        Guard after = isChange(sent.what()) ? guard.changedAt(at) : guard;
        if (sent.what() instanceof Closed || sent.what() instanceof Report) {
            return new Conversation(
                    target, Optional.empty(), next, superseded, Optional.of(at), Optional.empty(), false, after);
        }
        Instant openedAt = told.map(Told::openedAt).orElse(at);
        Told now = new Told(sent.key(), receipt, sent.what().situation(), openedAt);
        List<Told> replaced = new ArrayList<>(superseded);
        told.filter(before -> isReplacedBy(now, before)).ifPresent(replaced::add);
        return new Conversation(
                target, Optional.of(now), next, replaced, Optional.of(at), Optional.empty(), held, after);
    }

    private static boolean isChange(Notification what) {
        return what instanceof Opened || what instanceof TierChanged || what instanceof Closed;
    }

    /** Another key, or another kind of receiver under the old name: the old one will not be told by the new one. */
    private static boolean isReplacedBy(Told now, Told before) {
        return !before.key().equals(now.key())
                || !before.receipt()
                        .endpoint()
                        .type()
                        .equals(now.receipt().endpoint().type());
    }

    /** The receiver closed a replaced key. */
    public Conversation closedSuperseded(String key) {
        List<Told> rest =
                superseded.stream().filter(old -> !old.key().equals(key)).toList();
        return new Conversation(target, told, owed, rest, lastNoticeAt, failing, held, guard);
    }

    /** The attempt failed; it stays owed. */
    public Conversation failed(boolean mayHaveArrived) {
        return withOwed(owed.map(was -> was.failed(mayHaveArrived)));
    }

    public Conversation failing(String reason) {
        return new Conversation(target, told, owed, superseded, lastNoticeAt, Optional.of(reason), held, guard);
    }

    /** As it is taken up again by a new process. */
    public Conversation afterRestart() {
        return new Conversation(
                target, told, owed.map(Owed::afterRestart), superseded, lastNoticeAt, failing, !isSettled(), guard);
    }

    Conversation withOwed(Optional<Owed> newOwed) {
        return new Conversation(target, told, newOwed, superseded, lastNoticeAt, failing, held, guard);
    }

    Conversation with(Guard newGuard) {
        return new Conversation(target, told, owed, superseded, lastNoticeAt, failing, held, newGuard);
    }

    Conversation withoutFailureWhenSettled() {
        return isSettled() && failing.isPresent() ? withoutFailure() : this;
    }

    Conversation withoutFailure() {
        return new Conversation(target, told, owed, superseded, lastNoticeAt, Optional.empty(), held, guard);
    }

    /** Its condition is known again. */
    public Conversation known() {
        return held ? new Conversation(target, told, owed, superseded, lastNoticeAt, failing, false, guard) : this;
    }

    boolean isKeyTaken(String key) {
        return told.filter(open -> open.key().equals(key)).isPresent()
                || superseded.stream().anyMatch(old -> old.key().equals(key));
    }
}
