package io.inferwatch.collector.scrape;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a server's page is read, as of its last reading.
 *
 * @param isReachable whether the last reading brought a page
 * @param problem why it did not, or what of it could not be read
 * @param engines found on the page, the chief one first; empty where nothing on it is known
 * @param understood the metrics taken, with the family each is taken from
 * @param notTaken known families that are left alone, with the reason
 * @param ignored the other families
 * @param checks whether the server's own numbers fit together
 * @param advice what to change to see more
 */
public record SourceReport(
        String server,
        String address,
        boolean isReachable,
        Optional<String> problem,
        Optional<Instant> readAt,
        List<String> engines,
        Map<String, String> understood,
        Map<String, String> notTaken,
        List<String> ignored,
        List<Check> checks,
        List<String> advice,
        Counts counts) {
    public SourceReport {
        engines = List.copyOf(engines);
        ignored = List.copyOf(ignored);
        checks = List.copyOf(checks);
        advice = List.copyOf(advice);
    }

    /** @param holds {@code false}: {@code text} says what does not fit */
    public record Check(String name, boolean holds, String text) {}

    /**
     * Since the start.
     *
     * @param repairs counts that fell without a new start and were taken as unchanged
     */
    public record Counts(long readings, long failures, long malformedLines, long repairs) {}

    /** Before the first reading. */
    static SourceReport unread(ScrapeTarget target) {
        return new SourceReport(
                target.server(),
                target.address().toString(),
                false,
                Optional.of("not read yet"),
                Optional.empty(),
                List.of(),
                Map.of(),
                Map.of(),
                List.of(),
                List.of(),
                List.of(),
                new Counts(0, 0, 0, 0));
    }
}
