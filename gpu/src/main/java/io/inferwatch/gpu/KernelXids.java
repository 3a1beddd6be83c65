package io.inferwatch.gpu;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/**
 * Of the XIDs in the kernel log, those that NVML does not tell: some never come through its events. What the log has is held
 * for a while, and each that NVML tells of as well, before or meanwhile, is one of those. Any thread.
 */
final class KernelXids {
    /** NVML's events come with the next beat, or the one after where the driver has much to do. */
    static final Duration HELD = Duration.ofSeconds(5);

    /** What NVML told so long ago is no longer looked for in the log. */
    private static final Duration REMEMBERED = Duration.ofSeconds(10);

    /** More at once are one trouble; those past it are left out. */
    private static final int MOST = 256;

    private final Deque<Seen> held = new ArrayDeque<>();
    private final Deque<Seen> told = new ArrayDeque<>();

    /** @param nanos when it was seen, by the probe's monotonic clock */
    record Seen(String uuid, int xid, long nanos) {
        private boolean isSameAs(Seen other) {
            return uuid.equals(other.uuid) && xid == other.xid;
        }
    }

    /** The kernel log has it. */
    synchronized void inLog(Seen xid) {
        if (!takeSame(told, xid) && held.size() < MOST) {
            held.addLast(xid);
        }
    }

    /** NVML told of it. */
    synchronized void byNvml(Seen xid) {
        if (!takeSame(held, xid) && told.size() < MOST) {
            told.addLast(xid);
        }
    }

    /** Those that NVML has not told of in time; each once. */
    synchronized List<Seen> due(long nowNanos) {
        told.removeIf(xid -> nowNanos - xid.nanos() > REMEMBERED.toNanos());
        List<Seen> due = new ArrayList<>();
        while (!held.isEmpty() && nowNanos - held.getFirst().nanos() >= HELD.toNanos()) {
            due.add(held.removeFirst());
        }
        return due;
    }

    private static boolean takeSame(Deque<Seen> seen, Seen xid) {
        for (Iterator<Seen> each = seen.iterator(); each.hasNext(); ) {
            if (each.next().isSameAs(xid)) {
                each.remove();
                return true;
            }
        }
        return false;
    }
}
