package io.inferwatch.api.app;

import io.inferwatch.histograms.Queries;
import io.inferwatch.rules.book.PastReader;
import io.inferwatch.rules.engine.RuleEngine;
import java.time.Duration;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The {@code rules-past} thread's work: what rules compare with is read. */
final class PastLoop {
    private static final Logger LOG = LoggerFactory.getLogger(PastLoop.class);
    private static final Duration REST = Duration.ofSeconds(1);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(30);

    private final PastReader reader;
    private final InstantSource clock;

    PastLoop(RuleEngine engine, Queries queries, InstantSource clock) {
        this.reader = new PastReader(engine, queries);
        this.clock = clock;
    }

    /** One look. @return how long to rest */
    Duration step() {
        try {
            reader.doWork(clock.instant());
            return REST;
        } catch (RuntimeException e) {
            LOG.warn("the past that rules compare with cannot be read; trying again", e);
            return AFTER_FAILURE;
        }
    }
}
