package io.inferwatch.api.app;

import io.inferwatch.histograms.Marks;
import io.inferwatch.histograms.Queries;
import io.inferwatch.histograms.TelemetryStore;
import io.inferwatch.rules.book.PastReader;
import io.inferwatch.rules.engine.RuleEngine;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The {@code rules-past} thread's work: what rules compare with is read, and deploys are seen. */
final class PastLoop {
    private static final Logger LOG = LoggerFactory.getLogger(PastLoop.class);
    private static final Duration REST = Duration.ofSeconds(1);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(30);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(10);

    private final PastReader reader;
    private final Queries queries;
    private final TelemetryStore telemetry;
    private final Marks marks;
    private final InstantSource clock;
    private Optional<VersionWatch> versions = Optional.empty();
    private Instant nextLook = Instant.EPOCH;

    PastLoop(RuleEngine engine, TelemetryStore telemetry, Marks marks, InstantSource clock) {
        this.queries = telemetry.queries();
        this.reader = new PastReader(engine, queries);
        this.telemetry = telemetry;
        this.marks = marks;
        this.clock = clock;
    }

    /** One look. @return how long to rest */
    Duration step() {
        Instant now = clock.instant();
        try {
            reader.doWork(now);
            lookForDeploys(now);
            return REST;
        } catch (RuntimeException e) {
            LOG.warn("the past that rules compare with cannot be read; trying again", e);
            return AFTER_FAILURE;
        }
    }

    private void lookForDeploys(Instant now) {
        if (now.isBefore(nextLook)) {
            return;
        }
        nextLook = now.plus(LOOK_EVERY);
        if (versions.isEmpty()) {
            versions = Optional.of(new VersionWatch(queries.series(VersionWatch.METRIC)));
        }
        versions.get().look(telemetry.totals(), now).forEach(marks::note);
    }
}
