package io.inferwatch.api.app;

import io.inferwatch.collector.scrape.HttpPages;
import io.inferwatch.collector.scrape.ScrapeTarget;
import io.inferwatch.collector.scrape.Scraper;
import io.inferwatch.collector.scrape.SourceReport;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A thread a server that is read, for as long as it is configured. Any thread. */
public final class ScrapeDesk {
    /** A reading under way is given up: the next start reads again. */
    private static final Duration STOP_PATIENCE = Duration.ofMillis(50);

    private record Running(Scraper scraper, Loops loop) {}

    private final Scraper.Keeper journal;
    private final InstantSource clock;
    private final Map<String, Running> running = new LinkedHashMap<>();
    /** Absent while nothing is read: an HTTP client is not free. */
    private @Nullable HttpPages pages;

    ScrapeDesk(Scraper.Keeper journal, InstantSource clock) {
        this.journal = journal;
        this.clock = clock;
    }

    /** From now on exactly these are read; one that stays as it is goes on undisturbed. */
    synchronized void read(Collection<ScrapeTarget> targets) throws InterruptedException {
        for (Running each : List.copyOf(running.values())) {
            if (!targets.contains(each.scraper.target())) {
                running.remove(each.scraper.target().server());
                each.loop.stop(STOP_PATIENCE);
            }
        }
        for (ScrapeTarget target : targets) {
            if (!running.containsKey(target.server())) {
                Scraper scraper = new Scraper(target, pages().within(target.timeout()), journal, clock);
                running.put(
                        target.server(), new Running(scraper, Loops.start("scrape-" + target.server(), scraper::step)));
            }
        }
    }

    private HttpPages pages() {
        HttpPages made = pages == null ? new HttpPages() : pages;
        pages = made;
        return made;
    }

    /** Of each server, as of its last reading, in the order of the configuration. */
    public synchronized List<SourceReport> reports() {
        return running.values().stream().map(each -> each.scraper.report()).toList();
    }

    synchronized void stop() throws InterruptedException {
        read(List.of());
        HttpPages made = pages;
        if (made != null) {
            made.close();
        }
    }
}
