package io.inferwatch.notifier.channel;

import io.inferwatch.rules.NotificationPlan.Receiver;
import io.inferwatch.rules.yaml.Problems;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A way to tell one receiver. Called by that receiver's delivery threads, several at once. */
public interface Channel {

    /**
     * Where a notice goes: for something new where the settings say now, else where it was opened.
     *
     * @throws Secret.Unreadable where the receiver's secret cannot be read now
     */
    Endpoint endpoint(Optional<Receipt> opened) throws Secret.Unreadable;

    /**
     * Tells it, once, and says how that ended; every outcome is a value. Blocks for at most about 10 s a call made.
     *
     * @param endpoint what {@link #endpoint} gave for this notice
     */
    Delivery deliver(Notice notice, Endpoint endpoint);

    Pace pace();

    /** How often this receiver must hear again what is open, or forgets it; absent where it need not. */
    default Optional<Duration> refreshEvery() {
        return Optional.empty();
    }

    /**
     * Tells again all that is open at one endpoint; every outcome is a value, and nothing is tried again before its time.
     *
     * @param open each as it was told last
     */
    default Delivery refresh(List<Notice> open, Endpoint endpoint) {
        return new Delivery.Rejected("this receiver forgets nothing");
    }

    /** How often this receiver may be asked who acknowledged what there; absent where it cannot be. */
    default Optional<Duration> asksForAcksEvery() {
        return Optional.empty();
    }

    /** Who acknowledged there what is open under this key; empty where nobody did, or it cannot be found out. */
    default Optional<String> ackedBy(String key) {
        return Optional.empty();
    }

    /** Makes the channels of one type. A new channel is its package and one line in the wiring. */
    interface Factory {
        /** The {@code type} of its receivers in the rules file. */
        String type();

        /** Reports all that is wrong with the settings; reads no secret. */
        void check(Receiver receiver, Problems problems);

        /**
         * Never fails: what is missing shows when something is sent. Settings may be empty for a receiver that left the
         * rules file and still has closes to send.
         */
        Channel create(Receiver receiver);

        /** Whether a rise that must wake somebody needs a new key, because this receiver never rings twice for one. */
        default boolean wakesByNewKey() {
            return false;
        }

        /** Whether this receiver wants each alert by itself, because it groups them as it is told to. */
        default boolean groupsItself() {
            return false;
        }
    }
}
