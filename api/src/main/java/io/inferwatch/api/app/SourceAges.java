package io.inferwatch.api.app;

import io.inferwatch.collector.scrape.SourceReport;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** How long ago each server that is read last told something that is understood. One thread. */
final class SourceAges {
    /** When it did; of one that never did, when it was first asked after. */
    private final Map<String, Instant> told = new LinkedHashMap<>();

    /** By server; one that is read no more is none. */
    Map<String, Duration> look(Collection<SourceReport> reports, Instant now) {
        Set<String> servers = reports.stream().map(SourceReport::server).collect(Collectors.toSet());
        told.keySet().retainAll(servers);
        Map<String, Duration> ages = new LinkedHashMap<>();
        for (SourceReport report : reports) {
            boolean tells = report.isReachable() && !report.understood().isEmpty();
            Instant last = tells ? report.readAt().orElse(now) : told.getOrDefault(report.server(), now);
            told.put(report.server(), last);
            ages.put(report.server(), last.isBefore(now) ? Duration.between(last, now) : Duration.ZERO);
        }
        return ages;
    }
}
