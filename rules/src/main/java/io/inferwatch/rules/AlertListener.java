package io.inferwatch.rules;

/** Where each tick's result goes: it is stored in one transaction before anything is sent. */
public interface AlertListener {

    /** Called by the {@code tick} thread after every tick, also when nothing changed; does no I/O on that thread. */
    void onTick(TickResult result);
}
