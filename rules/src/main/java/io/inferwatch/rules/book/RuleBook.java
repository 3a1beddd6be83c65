package io.inferwatch.rules.book;

import io.inferwatch.rules.RuleSet;
import io.inferwatch.rules.load.LoadResult;
import io.inferwatch.rules.load.RuleFile;
import io.inferwatch.rules.load.RuleLoader;
import io.inferwatch.rules.yaml.Problem;
import io.inferwatch.rules.yaml.Problems;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * The running rule set and where it came from. A load reads, checks and runs the inline tests; only what passes all of it
 * takes the place of what runs. Any thread.
 */
public final class RuleBook {
    static final int VERSIONS_KEPT = 10;

    private final RuleFiles files;
    private final RuleLoader loader;
    private final InlineTests tests;
    private final InstantSource clock;
    private final Deque<Version> versions = new ArrayDeque<>();
    private volatile InForce inForce;
    private volatile Report last;

    private record InForce(Version version, RuleSet rules) {}

    /**
     * A rule set that ran or runs.
     *
     * @param number from 0, the built-in pack a book begins with
     * @param files its texts; none for the built-in pack
     * @param ruleCount how many rules they come to
     */
    public record Version(int number, Instant loadedAt, List<RuleFile> files, int ruleCount) {
        public Version {
            files = List.copyOf(files);
        }

        /** The same for the same texts and for no others; what two people who edit at once compare. */
        public String tag() {
            return RuleTag.of(files.isEmpty() ? List.of(RuleLoader.builtin()) : files);
        }
    }

    /**
     * How a load went.
     *
     * @param applied whether its rules run now
     * @param problems all that is wrong, and warnings
     */
    public record Report(Instant at, boolean applied, List<Problem> problems) {
        public Report {
            problems = List.copyOf(problems);
        }
    }

    /** Begins with the built-in pack; call {@link #reload} for the files. */
    public RuleBook(RuleFiles files, RuleLoader loader, InlineTests tests, InstantSource clock) {
        this.files = files;
        this.loader = loader;
        this.tests = tests;
        this.clock = clock;
        LoadResult pack = loader.load(List.of());
        RuleSet rules = pack.rules()
                .orElseThrow(() -> new IllegalStateException("the built-in pack does not load: " + pack.problems()));
        Version first = new Version(0, clock.instant(), List.of(), rules.rules().size());
        this.inForce = new InForce(first, rules);
        this.last = new Report(clock.instant(), true, pack.problems());
        versions.add(first);
    }

    /**
     * Puts what ran before this process under what runs now, which is one of them where its texts are those of the last.
     *
     * @param before oldest first; numbers go on from its last
     */
    public synchronized void recall(List<Version> before) {
        if (before.isEmpty()) {
            return;
        }
        Version newest = before.getLast();
        Version now = inForce.version();
        boolean isSame = newest.files().equals(now.files());
        Version running = isSame ? newest : numbered(newest.number() + 1, now);
        versions.clear();
        before.forEach(this::add);
        if (!isSame) {
            add(running);
        }
        inForce = new InForce(running, inForce.rules());
    }

    private static Version numbered(int number, Version version) {
        return new Version(number, version.loadedAt(), version.files(), version.ruleCount());
    }

    private void add(Version version) {
        versions.addLast(version);
        if (versions.size() > VERSIONS_KEPT) {
            versions.removeFirst();
        }
    }

    /** Reads the files and, when nothing is wrong with them, runs them. No file there: the built-in pack. */
    public synchronized Report reload() {
        Problems problems = new Problems();
        List<RuleFile> texts = files.read(problems);
        Instant now = clock.instant();
        if (problems.hasErrors()) {
            last = new Report(now, false, problems.list());
            return last;
        }
        Checked checked = checked(texts);
        checked.rules().ifPresent(rules -> run(rules, texts, now));
        last = new Report(now, checked.rules().isPresent(), checked.problems());
        return last;
    }

    /**
     * Runs these texts in place of what runs, when nothing is wrong with them and they could be written.
     *
     * @param write puts them where the next start and the next reload read them from
     * @throws IOException what {@code write} threw: then nothing has changed
     */
    public synchronized Report take(List<RuleFile> texts, Writing write) throws IOException {
        Checked checked = checked(texts);
        Instant now = clock.instant();
        if (checked.rules().isPresent()) {
            write.run();
            run(checked.rules().get(), texts, now);
        }
        last = new Report(now, checked.rules().isPresent(), checked.problems());
        return last;
    }

    /** Keeps rule texts. */
    @FunctionalInterface
    public interface Writing {
        void run() throws IOException;
    }

    /** Everything a reload would say about these texts, and nothing changes. */
    public List<Problem> check(List<RuleFile> texts) {
        return checked(texts).problems();
    }

    /** These texts as rules, checked and tested as for a reload, and nothing changes. */
    public Checked examine(List<RuleFile> texts) {
        return checked(texts);
    }

    /** These texts merged into one, as {@link RuleLoader#print} has it; for texts that {@link #check} finds right. */
    public String print(List<RuleFile> texts) {
        return loader.print(texts);
    }

    /**
     * Texts that were checked.
     *
     * @param rules absent when something is wrong with them
     * @param problems all that is wrong, and warnings
     */
    public record Checked(Optional<RuleSet> rules, List<Problem> problems) {
        public Checked {
            problems = List.copyOf(problems);
        }
    }

    private Checked checked(List<RuleFile> texts) {
        LoadResult loaded = loader.load(texts);
        List<Problem> problems = new ArrayList<>(loaded.problems());
        loaded.rules().ifPresent(rules -> problems.addAll(tests.run(rules)));
        boolean isFine = problems.stream().allMatch(Problem::warning);
        return new Checked(loaded.rules().filter(rules -> isFine), problems);
    }

    /** The same texts once more are no new version: ten touches of a file must not push out what there is to go back to. */
    private void run(RuleSet rules, List<RuleFile> texts, Instant now) {
        Version before = inForce.version();
        if (texts.equals(before.files())) {
            inForce = new InForce(before, rules);
            return;
        }
        Version version =
                new Version(before.number() + 1, now, texts, rules.rules().size());
        add(version);
        inForce = new InForce(version, rules);
    }

    /** The rules that run. */
    public RuleSet current() {
        return inForce.rules();
    }

    /** The version that runs, with its texts. */
    public Version running() {
        return inForce.version();
    }

    /** How the last load went; a failed one left the running rules in place. */
    public Report lastReport() {
        return last;
    }

    /** One of the last ten. */
    public synchronized Optional<Version> version(int number) {
        return versions.stream().filter(each -> each.number() == number).findFirst();
    }

    /** The last ten that ran, oldest first. */
    public synchronized List<Version> versions() {
        return List.copyOf(versions);
    }
}
