package io.inferwatch.api.remote;

import java.util.ArrayDeque;
import java.util.Optional;

/** What waits to be sent, oldest first, within a limit of bytes; past it the oldest is dropped and counted. Any thread. */
final class SendQueue {
    private final long maxBytes;
    private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
    private long bytes;
    private long dropped;

    SendQueue(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    synchronized void add(byte[] body) {
        waiting.addLast(body);
        bytes += body.length;
        while (bytes > maxBytes && waiting.size() > 1) {
            bytes -= waiting.removeFirst().length;
            dropped++;
        }
    }

    synchronized Optional<byte[]> oldest() {
        return Optional.ofNullable(waiting.peekFirst());
    }

    /** Takes it out, unless it was dropped meanwhile. */
    synchronized void done(byte[] body) {
        if (waiting.peekFirst() == body) {
            bytes -= waiting.removeFirst().length;
        }
    }

    synchronized long bytes() {
        return bytes;
    }

    /** Bodies dropped for want of room, since the start. */
    synchronized long dropped() {
        return dropped;
    }
}
