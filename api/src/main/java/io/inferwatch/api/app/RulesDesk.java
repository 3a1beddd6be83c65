package io.inferwatch.api.app;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.histograms.Mark;
import io.inferwatch.histograms.Marks;
import io.inferwatch.histograms.TelemetryStore;
import io.inferwatch.rules.RuleSet;
import io.inferwatch.rules.book.Backtest;
import io.inferwatch.rules.book.RuleArchive;
import io.inferwatch.rules.book.RuleBook;
import io.inferwatch.rules.book.RuleFiles;
import io.inferwatch.rules.book.RuleWriter;
import io.inferwatch.rules.load.RuleFile;
import io.inferwatch.rules.yaml.Problem;
import io.inferwatch.rules.yaml.Problems;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the rules, what memory holds for them, and their files in step. Any thread. */
public final class RulesDesk {
    private static final Logger LOG = LoggerFactory.getLogger(RulesDesk.class);
    private static final String BUILTIN_ONLY = "version: 1\ninclude: [builtin]\n";
    private static final Duration WATCH_EVERY = Duration.ofSeconds(1);

    private final RuleBook book;
    private final RuleFiles files;
    private final BacktestDesk backtests;
    private final ReloadReplay replay;
    private final TelemetryStore telemetry;
    private final Marks marks;
    private final InstantSource clock;
    private final RuleArchive archive;
    private String fingerprint;

    /** @param replayed how much of the stored past each change of the rules is tried on; zero: none */
    RulesDesk(
            RulesSetup setup,
            RuleArchive archive,
            Backtest backtest,
            Duration replayed,
            TelemetryStore telemetry,
            Marks marks,
            InstantSource clock) {
        this.archive = archive;
        this.book = setup.book();
        this.files = setup.files();
        this.backtests = new BacktestDesk(backtest, setup.rehearsal());
        this.replay = new ReloadReplay(backtests::compare, replayed, clock);
        this.telemetry = telemetry;
        this.marks = marks;
        this.clock = clock;
        this.fingerprint = files.fingerprint();
    }

    /** Before the first change: what ran before the last stop can be gone back to. */
    void recall() {
        try {
            List<RuleBook.Version> before = archive.read();
            book.recall(before);
            for (RuleBook.Version version : book.versions()) {
                if (!before.contains(version)) {
                    archive.keep(version);
                }
            }
        } catch (IOException e) {
            LOG.warn("earlier versions of the rules cannot be read or kept: {}", e.toString());
        }
    }

    private void keepRunning() {
        try {
            archive.keep(book.running());
        } catch (IOException e) {
            LOG.warn("this version of the rules will not outlast a restart: {}", e.toString());
        }
    }

    /** Tells the store what the running rules ask for; before the replay begins. */
    void retain() {
        telemetry.retain(book.current().queries());
    }

    /** @return what is wrong; empty: what was read is in force */
    public synchronized List<Problem> reload() {
        fingerprint = files.fingerprint();
        RuleSet before = book.current();
        return taken(before, book.reload(), "rules reloaded");
    }

    public BacktestDesk backtests() {
        return backtests;
    }

    /** What the last change of the rules would have meant for the past. */
    public ReloadReplay replay() {
        return replay;
    }

    /** How a change of the rules from outside went. */
    public sealed interface Change {

        /** @param version that runs now; its rules are written to their files */
        record Made(RuleBook.Version version, List<Problem> warnings) implements Change {}

        /** @param errors and nothing changed */
        record Wrong(List<Problem> errors) implements Change {}

        /** The files cannot be written, and nothing changed. */
        record ReadOnly(String why) implements Change {}

        /** Somebody else was faster, and nothing changed. */
        record Overtaken(String why) implements Change {}
    }

    /** Where a text for the whole of the rules would go; the problems of a text that may go nowhere name this as well. */
    public RuleFile asFile(String text) {
        return new RuleFile(files.single().orElse("rules.yml"), text);
    }

    /**
     * Puts a text in place of all rules.
     *
     * @param expected the {@linkplain RuleBook.Version#tag tag} of the rules it is made from; absent: whatever runs
     */
    public synchronized Change put(String text, Optional<String> expected) {
        Optional<Change> overtaken = expected.flatMap(this::overtaken);
        if (overtaken.isPresent()) {
            return overtaken.get();
        }
        if (files.single().isEmpty()) {
            return new Change.ReadOnly("the rules at " + files.location()
                    + " are several files; change them there: a changed file is taken up within a second or two");
        }
        return take(List.of(asFile(text)), "rules put in place through the API");
    }

    private Optional<Change> overtaken(String expected) {
        String running = book.running().tag();
        if (!running.equals(expected)) {
            return Optional.of(new Change.Overtaken("the rules have changed since: their ETag is \"" + running
                    + "\", not \"" + expected + "\"; read them again and put your change into that"));
        }
        Problems problems = new Problems();
        List<RuleFile> onDisk = files.read(problems);
        return onDisk.equals(book.running().files()) && !problems.hasErrors()
                ? Optional.empty()
                : Optional.of(new Change.Overtaken(
                        "the file at " + files.location() + " holds a change that does not run yet; look at it first"));
    }

    /** @param version one of the last ten; its texts are written to their files again */
    public synchronized Change rollBack(RuleBook.Version version) {
        List<RuleFile> texts = version.files().isEmpty() ? List.of(asFile(BUILTIN_ONLY)) : version.files();
        Set<String> kept = texts.stream().map(RuleFile::name).collect(Collectors.toSet());
        Problems problems = new Problems();
        Optional<String> added = files.read(problems).stream()
                .map(RuleFile::name)
                .filter(name -> !kept.contains(name))
                .findFirst();
        return added.isPresent()
                ? new Change.ReadOnly(added.get() + " was no part of version " + version.number() + "; remove it first")
                : take(texts, "rules rolled back to version " + version.number());
    }

    private Change take(List<RuleFile> texts, String words) {
        Optional<String> obstacle = RuleWriter.obstacle(texts);
        if (obstacle.isPresent()) {
            return new Change.ReadOnly(obstacle.get());
        }
        try {
            RuleSet before = book.current();
            RuleBook.Report report = book.take(texts, () -> RuleWriter.write(texts));
            fingerprint = files.fingerprint();
            List<Problem> errors = taken(before, report, words);
            return errors.isEmpty()
                    ? new Change.Made(
                            book.running(),
                            report.problems().stream().filter(Problem::warning).toList())
                    : new Change.Wrong(errors);
        } catch (IOException e) {
            return new Change.ReadOnly("the rules cannot be written: " + e);
        }
    }

    private List<Problem> taken(RuleSet before, RuleBook.Report report, String words) {
        List<Problem> errors =
                report.problems().stream().filter(problem -> !problem.warning()).toList();
        report.problems().stream().filter(Problem::warning).forEach(warning -> LOG.warn("{}", warning));
        if (report.applied()) {
            retain();
            keepRunning();
            replay.changed(before, book.current());
            marks.note(new Mark(clock.instant(), "reload", LabelSet.EMPTY, words));
            LOG.info("{}: {} in force", words, book.current().rules().size());
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
