package io.inferwatch.api.app;

import io.inferwatch.rules.RuleSet;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * After each change of the rules: which alerts the last while would have had more and less under the new ones. Off unless
 * {@code rules.replay} asks for it, for it costs seconds of a processor. Any thread; its own steps.
 */
public final class ReloadReplay {
    private static final Logger LOG = LoggerFactory.getLogger(ReloadReplay.class);
    private static final Duration REST = Duration.ofSeconds(1);
    private static final Duration WHILE_ANOTHER_RUNS = Duration.ofSeconds(5);

    private final Comparing comparing;
    private final Duration over;
    private final InstantSource clock;
    private final AtomicReference<@Nullable Change> waiting = new AtomicReference<>();
    private volatile @Nullable ReplayDiff last;

    private record Change(RuleSet before, RuleSet after) {}

    /** Runs two rule sets over the same past; empty while another run is under way. */
    @FunctionalInterface
    interface Comparing {
        Optional<ReplayDiff> compare(RuleSet now, RuleSet next, Instant from, Instant to);
    }

    /** @param over how much of the stored past; zero: none */
    ReloadReplay(Comparing comparing, Duration over, InstantSource clock) {
        this.comparing = comparing;
        this.over = over;
        this.clock = clock;
    }

    boolean isOn() {
        return !over.isZero();
    }

    /** These took the place of those. Where another change still waits, its beginning counts: nobody was told of it yet. */
    void changed(RuleSet before, RuleSet after) {
        if (isOn() && !before.rules().equals(after.rules())) {
            waiting.updateAndGet(change -> new Change(change == null ? before : change.before(), after));
            last = null;
        }
    }

    /** Of the last change; empty while it is being worked out, or before one. */
    public Optional<ReplayDiff> last() {
        return Optional.ofNullable(last);
    }

    /** One look. @return how long to rest */
    Duration step() {
        Change change = waiting.get();
        if (change == null) {
            return REST;
        }
        Instant now = clock.instant();
        Optional<ReplayDiff> diff = comparing.compare(change.before(), change.after(), now.minus(over), now);
        if (diff.isEmpty()) {
            return WHILE_ANOTHER_RUNS;
        }
        if (waiting.compareAndSet(change, null)) {
            last = diff.get();
            LOG.info(
                    "over {} to {} the rules now in force, held against those before: {}",
                    diff.get().from(),
                    diff.get().to(),
                    diff.get().text());
        }
        return REST;
    }
}
