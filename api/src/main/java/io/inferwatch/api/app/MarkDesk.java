package io.inferwatch.api.app;

import io.inferwatch.gpu.GpuProbe;
import io.inferwatch.histograms.Marks;
import io.inferwatch.histograms.TelemetryStore;
import io.inferwatch.notifier.NotificationPipeline;
import io.inferwatch.rules.book.RuleBook;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The marks that make themselves: deploys seen in the requests, silences, reloads of the GPU driver. Its own thread
 * steps; {@link #lookAtSilences} may be called by any.
 */
public final class MarkDesk {
    private static final Logger LOG = LoggerFactory.getLogger(MarkDesk.class);
    private static final Duration REST = Duration.ofSeconds(1);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(30);
    private static final Duration DEPLOYS_EVERY = Duration.ofSeconds(10);

    private final Marks marks;
    private final TelemetryStore telemetry;
    private final RuleBook rules;
    private final NotificationPipeline pipeline;
    private final GpuProbe gpus;
    private final InstantSource clock;
    private final SilenceWatch silences;
    private final DriverWatch driver = new DriverWatch();
    private Optional<VersionWatch> versions = Optional.empty();
    private Instant nextDeploys = Instant.EPOCH;

    MarkDesk(
            Marks marks,
            TelemetryStore telemetry,
            RuleBook rules,
            NotificationPipeline pipeline,
            GpuProbe gpus,
            InstantSource clock) {
        this.marks = marks;
        this.telemetry = telemetry;
        this.rules = rules;
        this.pipeline = pipeline;
        this.gpus = gpus;
        this.clock = clock;
        this.silences = new SilenceWatch(clock.instant());
    }

    /** One look. @return how long to rest */
    Duration step() {
        Instant now = clock.instant();
        lookAtSilences();
        driver.look(gpus.fleet(), now).ifPresent(marks::note);
        try {
            lookForDeploys(now);
            return REST;
        } catch (RuntimeException e) {
            LOG.warn("the versions that served before cannot be read; trying again", e);
            return AFTER_FAILURE;
        }
    }

    /**
     * Marks what began or ended since the last look; after a silence was made or taken back it need not be waited for. One at
     * a time to the end, or an answer could be faster than the mark that another found.
     */
    public synchronized void lookAtSilences() {
        silences.look(rules.current().plan().silences(), pipeline.silences(), clock.instant())
                .forEach(marks::note);
    }

    private void lookForDeploys(Instant now) {
        if (now.isBefore(nextDeploys)) {
            return;
        }
        nextDeploys = now.plus(DEPLOYS_EVERY);
        if (versions.isEmpty()) {
            versions = Optional.of(new VersionWatch(telemetry.queries().series(VersionWatch.METRIC)));
        }
        versions.get().look(telemetry.totals(), now).forEach(marks::note);
    }
}
