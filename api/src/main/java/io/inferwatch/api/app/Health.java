package io.inferwatch.api.app;

import io.inferwatch.collector.Journal;
import io.inferwatch.histograms.store.StoreThread;
import io.inferwatch.notifier.PipelineStats;
import io.inferwatch.rules.book.RuleBook;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * How the sidecar is. A missing GPU degrades nothing; only a journal that cannot be written makes it unready.
 *
 * @param parts each front door; none before the start has ended
 */
public record Health(Status status, List<Part> parts) {
    private static final Duration LONGEST_LAG = Duration.ofSeconds(10);

    /** After which the heartbeat stops. */
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    /** In one word. */
    public enum Status {
        STARTING,
        READY,
        DEGRADED,
        FAILED
    }

    /** @param detail what is wrong; empty while it is fine */
    public record Part(String name, boolean isFine, String detail) {
        static Part of(String name, String problem) {
            return new Part(name, problem.isEmpty(), problem);
        }
    }

    public Health {
        parts = List.copyOf(parts);
    }

    public boolean takesRecords() {
        return status == Status.READY || status == Status.DEGRADED;
    }

    public static Health of(Live live) {
        if (!live.isReady()) {
            return new Health(Status.STARTING, List.of(Part.of("start", live.absence())));
        }
        try {
            return of(live.parts());
        } catch (NotReadyException e) {
            return new Health(Status.STARTING, List.of(Part.of("start", String.valueOf(e.getMessage()))));
        }
    }

    private static Health of(Parts parts) {
        Journal.Stats journal = parts.journal().stats();
        List<Part> all = new ArrayList<>();
        all.add(Part.of("journal", journalProblem(journal)));
        all.add(Part.of("apply", applyProblem(parts)));
        all.add(Part.of("store", storeProblem(parts.storeThread().stats())));
        all.add(Part.of("rules", rulesProblem(parts.rules().lastReport())));
        all.add(Part.of("notifier", notifierProblem(parts.pipeline().stats())));
        Status status = !journal.failure().isEmpty()
                ? Status.FAILED
                : all.stream().allMatch(Part::isFine) ? Status.READY : Status.DEGRADED;
        return new Health(status, all);
    }

    /** Whether rules, windows and journal went on within half a minute, or a period of the rules where that is longer. */
    static boolean isWorking(Parts parts) {
        Duration tickPatience = LONGEST_PAUSE.plus(parts.rules().current().every());
        return parts.ticker().sinceLastTick().compareTo(tickPatience) < 0
                && parts.apply().lagMillis() < LONGEST_PAUSE.toMillis()
                && parts.journal().stats().lastSyncAgeNanos() < LONGEST_PAUSE.toNanos();
    }

    private static String journalProblem(Journal.Stats stats) {
        if (!stats.failure().isEmpty()) {
            return stats.failure();
        }
        List<String> losses = new ArrayList<>();
        if (stats.lostRecords() > 0) {
            losses.add(stats.lostRecords()
                    + " acknowledged records could not be read; damaged files are set aside as *.corrupt-*");
        }
        if (stats.lostUnsyncedAtMost() > 0) {
            losses.add("the machine stopped before this start; at most about " + stats.lostUnsyncedAtMost()
                    + " acknowledged records were not on disk yet and are lost");
        }
        return String.join("; ", losses);
    }

    private static String applyProblem(Parts parts) {
        long lagMillis = parts.apply().lagMillis();
        return lagMillis > LONGEST_LAG.toMillis()
                ? "queries are " + TimeUnit.MILLISECONDS.toSeconds(lagMillis) + " s behind the journal"
                : "";
    }

    private static String storeProblem(StoreThread.Stats stats) {
        return stats.damage().or(stats::lastFailure).orElse("");
    }

    private static String rulesProblem(RuleBook.Report report) {
        return report.applied() ? "" : "the last reload failed; the rules before it are in force";
    }

    private static String notifierProblem(PipelineStats stats) {
        return stats.databaseProblem()
                .or(stats::toldLogProblem)
                .or(() -> stats.receivers().stream()
                        .filter(receiver -> receiver.degraded().isPresent())
                        .map(receiver ->
                                receiver.name() + ": " + receiver.degraded().orElse(""))
                        .findFirst())
                .orElse("");
    }
}
