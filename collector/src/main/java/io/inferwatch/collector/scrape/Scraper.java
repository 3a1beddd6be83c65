package io.inferwatch.collector.scrape;

import io.inferwatch.collector.Measurement;
import io.inferwatch.collector.scrape.page.Family;
import io.inferwatch.collector.scrape.page.MalformedPageException;
import io.inferwatch.collector.scrape.page.Page;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads one server's page, step by step. Steps are taken by one thread of its own, so that a slow server delays no other;
 * the report may be read by any.
 */
public final class Scraper {
    private static final Logger LOG = LoggerFactory.getLogger(Scraper.class);
    /** Where measurements are kept. */
    @FunctionalInterface
    public interface Keeper {
        /** @return {@code false} when they could not be kept: the next reading tells of them again */
        boolean keep(List<Measurement> measurements);
    }

    private final ScrapeTarget target;
    private final MetricsPage pages;
    private final Keeper journal;
    private final InstantSource clock;
    private final ServerHistory history;
    private final Checks checks = new Checks();
    private long readings;
    private long failures;
    private long malformedLines;
    private volatile SourceReport report;

    public Scraper(ScrapeTarget target, PageSource pages, Keeper journal, InstantSource clock) {
        this.target = target;
        this.pages = new MetricsPage(target.address(), pages);
        this.journal = journal;
        this.clock = clock;
        this.history = new ServerHistory(target.server());
        this.report = SourceReport.unread(target);
    }

    public ScrapeTarget target() {
        return target;
    }

    /** As of the last reading. Any thread. */
    public SourceReport report() {
        return report;
    }

    /**
     * One reading.
     *
     * @return how long until the next one is due
     */
    public Duration step() throws InterruptedException {
        long begunMillis = clock.millis();
        readings++;
        try {
            read(pages.read());
        } catch (MalformedPageException e) {
            failed(String.valueOf(e.getMessage()));
        }
        long tookMillis = Math.max(0, clock.millis() - begunMillis);
        return Duration.ofMillis(Math.max(1, target.interval().toMillis() - tookMillis));
    }

    private void read(Page page) {
        long nowMillis = clock.millis();
        malformedLines += page.malformedLines();
        List<Taken> taken = Taken.of(page);
        if (journal.keep(history.read(page, taken, nowMillis, checks))) {
            history.commit();
        }
        if (!report.isReachable()) {
            LOG.info("server {} is read at {}", target.server(), pages.address());
        }
        report = report(page, taken, Instant.ofEpochMilli(nowMillis));
    }

    private void failed(String reason) {
        failures++;
        if (report.isReachable() || failures == 1) {
            LOG.warn("server {} cannot be read at {}: {}", target.server(), pages.address(), reason);
        }
        boolean isTold = journal.keep(List.of(history.up(false, clock.millis())));
        LOG.debug("that server {} is down was journalled: {}", target.server(), isTold);
        SourceReport last = report;
        report = new SourceReport(
                last.server(),
                pages.address().toString(),
                false,
                Optional.of(reason),
                last.readAt(),
                last.engines(),
                last.understood(),
                last.notTaken(),
                last.ignored(),
                last.checks(),
                last.advice(),
                counts());
    }

    private SourceReport.Counts counts() {
        return new SourceReport.Counts(readings, failures, malformedLines, history.repairs());
    }

    private SourceReport report(Page page, List<Taken> taken, Instant at) {
        Map<String, String> understood = new LinkedHashMap<>();
        Set<Engine> engines = new LinkedHashSet<>();
        for (Taken each : taken) {
            understood.merge(each.row().metric().name(), each.familyOnPage(), (one, more) -> one + ", " + more);
            engines.add(each.row().engine());
        }
        Map<String, String> notTaken = new LinkedHashMap<>();
        List<String> ignored = new ArrayList<>();
        for (String name : page.passedOver()) {
            String plain = Aliases.nativeName(name.endsWith("_total") ? name.substring(0, name.length() - 6) : name);
            Optional<String> why = Optional.ofNullable(Aliases.NOT_TAKEN.get(plain));
            why.ifPresentOrElse(reason -> notTaken.put(name, reason), () -> ignored.add(name));
        }
        page.families().stream()
                .map(Family::name)
                .filter(name ->
                        taken.stream().noneMatch(each -> each.familyOnPage().equals(name)))
                .forEach(name ->
                        notTaken.put(name, "another name for what is taken already, or no series of this server"));
        List<Engine> sorted = engines.stream().sorted().toList();
        return new SourceReport(
                target.server(),
                pages.address().toString(),
                true,
                page.malformedLines() == 0
                        ? Optional.empty()
                        : Optional.of(page.malformedLines() + " lines could not be read; " + page.firstProblem()),
                Optional.of(at),
                sorted.stream().map(Engine::displayName).toList(),
                understood,
                notTaken,
                ignored,
                checks.findings().stream()
                        .map(finding -> new SourceReport.Check(finding.check(), finding.holds(), finding.text()))
                        .toList(),
                advice(sorted, understood),
                counts());
    }

    private static List<String> advice(List<Engine> engines, Map<String, String> understood) {
        List<String> advice = new ArrayList<>();
        if (engines.isEmpty()) {
            advice.add("nothing on the page is known; point scrape at the metrics page of the model server itself");
            return advice;
        }
        engines.stream().map(Engine::toSeeMore).filter(text -> !text.isEmpty()).forEach(advice::add);
        for (String metric : List.of("llm.ttft", "llm.tpot", "llm.latency")) {
            if (!understood.containsKey(metric)) {
                advice.add("the page has no " + metric + "; a proxy in front of the server, or pushed records, has it");
            }
        }
        return advice;
    }
}
