package io.inferwatch.notifier.conversation;

/** What of a receiver's type bears on when it is told. */
public interface ReceiverTraits {

    /** Whether receivers of this type are woken only by a new key. */
    boolean wakesByNewKey(String type);

    /** Whether receivers of this type want each alert by itself. */
    boolean groupsItself(String type);
}
