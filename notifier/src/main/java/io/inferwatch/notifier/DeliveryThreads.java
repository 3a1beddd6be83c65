package io.inferwatch.notifier;

/** Where calls to receivers are made. */
@FunctionalInterface
public interface DeliveryThreads {

    /** Runs a call that may block for some seconds. */
    void run(String receiver, Runnable call);

    /** A virtual thread a call, {@code deliver-<receiver>}; the pipeline bounds how many there are. */
    static DeliveryThreads virtual() {
        return (receiver, call) ->
                Thread.ofVirtual().name("deliver-" + receiver).start(call);
    }
}
