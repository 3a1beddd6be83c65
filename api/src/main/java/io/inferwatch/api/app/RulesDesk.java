package io.inferwatch.api.app;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.histograms.Mark;
import io.inferwatch.histograms.Marks;
import io.inferwatch.histograms.TelemetryStore;
import io.inferwatch.rules.book.RuleBook;
import io.inferwatch.rules.book.RuleFiles;
import io.inferwatch.rules.yaml.Problem;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the rules, what memory holds for them, and their files in step. Any thread. */
final class RulesDesk {
    private static final Logger LOG = LoggerFactory.getLogger(RulesDesk.class);
    private static final Duration WATCH_EVERY = Duration.ofSeconds(1);

    private final RuleBook book;
    private final RuleFiles files;
    private final TelemetryStore telemetry;
    private final Marks marks;
    private final InstantSource clock;
    private String fingerprint;

    RulesDesk(RuleBook book, RuleFiles files, TelemetryStore telemetry, Marks marks, InstantSource clock) {
        this.book = book;
        this.files = files;
        this.telemetry = telemetry;
        this.marks = marks;
        this.clock = clock;
        this.fingerprint = files.fingerprint();
    }

    /** Tells the store what the running rules ask for; before the replay begins. */
    void retain() {
        telemetry.retain(book.current().queries());
    }

    /** @return what is wrong; empty: what was read is in force */
    synchronized List<Problem> reload() {
        fingerprint = files.fingerprint();
        RuleBook.Report report = book.reload();
        List<Problem> errors =
                report.problems().stream().filter(problem -> !problem.warning()).toList();
        report.problems().stream().filter(Problem::warning).forEach(warning -> LOG.warn("{}", warning));
        if (report.applied()) {
            retain();
            marks.note(new Mark(clock.instant(), "reload", LabelSet.EMPTY, "rules reloaded"));
            LOG.info("rules reloaded: {} in force", book.current().rules().size());
        } else {
            LOG.error("the rules were not reloaded, the running ones stay in force");
            errors.forEach(error -> LOG.error("{}", error));
        }
        return errors;
    }

    /** One look at the files; a change reloads. The step of the {@code rules-watch} thread. */
    Duration watch() {
        String now = files.fingerprint();
        boolean isChanged;
        synchronized (this) {
            isChanged = !now.equals(fingerprint);
        }
        if (isChanged) {
            reload();
        }
        return WATCH_EVERY;
    }
}
