package io.inferwatch.gpu.health;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** How much a counter rose over the last minutes. A fall begins anew: the counter was reset. One thread. */
final class Trend {
    private final Duration kept;
    private final long stepMillis;
    private final Deque<Level> levels = new ArrayDeque<>();

    private record Level(long atMillis, double value) {}

    /** @param kept how far back it remembers, in about a hundred steps */
    Trend(Duration kept) {
        this.kept = kept;
        this.stepMillis = Math.max(1, kept.toMillis() / 100);
    }

    void note(long atMillis, double value) {
        Level last = levels.peekLast();
        if (last != null && (value < last.value() || atMillis < last.atMillis())) {
            levels.clear();
            last = null;
        }
        if (last != null && levels.size() > 1 && atMillis - beforeLast().atMillis() < stepMillis) {
            levels.removeLast();
        }
        levels.addLast(new Level(atMillis, value));
        while (levels.size() > 1 && atMillis - levels.getFirst().atMillis() > kept.toMillis()) {
            levels.removeFirst();
        }
    }

    /** How much it rose within what is remembered. */
    double rise() {
        return levels.isEmpty()
                ? 0
                : levels.getLast().value() - levels.getFirst().value();
    }

    /** The stretch of time {@link #rise} speaks of, in seconds. */
    double seconds() {
        return levels.isEmpty()
                ? 0
                : (levels.getLast().atMillis() - levels.getFirst().atMillis()) / 1000.0;
    }

    private Level beforeLast() {
        Level last = levels.removeLast();
        Level before = levels.getLast();
        levels.addLast(last);
        return before;
    }
}
