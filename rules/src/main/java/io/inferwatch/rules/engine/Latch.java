package io.inferwatch.rules.engine;

import io.inferwatch.rules.Rule.NoData;
import io.inferwatch.rules.Truth;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The memory of one tier of one instance: latched or not, and since when what holds. */
final class Latch {
    @Nullable Instant since;

    @Nullable Instant clearSince;

    @Nullable Instant unknownSince;

    boolean latched;

    /** Restored after a long gap: it stays as it was told until its condition is known, and FALSE closes it at once. */
    boolean untilKnown;

    /** Whether there is nothing to remember: neither latched nor pending. */
    boolean isBlank() {
        return since == null && !latched;
    }

    boolean isPending() {
        return since != null && !latched;
    }

    /**
     * One step of the formula in the rules' design, "Evaluation".
     *
     * @param breached the condition; asked of a tier that is not latched
     * @param mayOpen whether it may fire now; what holds meanwhile goes on pending
     * @param held the condition with every leaf's clear value in force; asked of one that is latched
     */
    void advance(
            Instant t,
            Truth breached,
            Truth held,
            Duration holdFor,
            Duration clearFor,
            NoData noData,
            boolean mayOpen) {
        Truth asked = latched ? held : breached;
        if (asked == Truth.UNKNOWN) {
            notKnown(t, noData);
            return;
        }
        unknownSince = null;
        if (latched) {
            hold(t, asked == Truth.TRUE, clearFor);
        } else {
            pend(t, asked == Truth.TRUE, holdFor, mayOpen);
        }
    }

    private void pend(Instant t, boolean breached, Duration holdFor, boolean mayOpen) {
        if (!breached) {
            since = null;
            return;
        }
        Instant began = since == null ? t : since;
        since = began;
        latched = mayOpen && hasPassed(began, t, holdFor);
        clearSince = null;
    }

    private void hold(Instant t, boolean held, Duration clearFor) {
        if (held) {
            clearSince = null;
            untilKnown = false;
            return;
        }
        Instant began = clearSince == null ? t : clearSince;
        clearSince = began;
        if (untilKnown || hasPassed(began, t, clearFor)) {
            release();
        }
    }

    private void notKnown(Instant t, NoData noData) {
        Instant began = unknownSince == null ? t : unknownSince;
        unknownSince = began;
        if (!hasPassed(began, t, noData.after())) {
            return;
        }
        clearSince = null;
        if (!latched) {
            since = null;
        } else if (noData.policy() == NoData.Policy.CLEAR) {
            release();
        }
    }

    void copy(Latch other) {
        since = other.since;
        clearSince = other.clearSince;
        unknownSince = other.unknownSince;
        latched = other.latched;
        untilKnown = other.untilKnown;
    }

    void release() {
        latched = false;
        untilKnown = false;
        since = null;
        clearSince = null;
    }

    boolean isUnknownFor(Instant t, Duration duration) {
        return unknownSince != null && hasPassed(unknownSince, t, duration);
    }

    /** The sidecar did not run for so long: that time counts towards no missing data. */
    void excuse(Duration pause) {
        unknownSince = unknownSince == null ? null : unknownSince.plus(pause);
    }

    static boolean hasPassed(Instant began, Instant t, Duration duration) {
        return !t.isBefore(began.plus(duration));
    }
}
