package io.inferwatch.api.app;

import io.inferwatch.collector.cost.PriceFile;
import io.inferwatch.collector.cost.PriceTable;
import io.inferwatch.collector.cost.Prices;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the price table in step with its file. A file that is broken or gone leaves the table in force: a cost that stops is
 * worse than one a minute old.
 */
public final class PricesDesk {
    private static final Logger LOG = LoggerFactory.getLogger(PricesDesk.class);
    private static final Duration EVERY = Duration.ofSeconds(2);

    private final Optional<PriceFile> file;
    private final Prices prices = new Prices();
    private final AtomicLong failures = new AtomicLong();

    /** @param file empty: requests cost what their senders say */
    PricesDesk(Optional<Path> file) {
        this.file = file.map(PriceFile::new);
    }

    Prices prices() {
        return prices;
    }

    /** Times the file could not be read, since the start. Any thread. */
    public long failures() {
        return failures.get();
    }

    boolean hasFile() {
        return file.isPresent();
    }

    /** One look at the file. */
    Duration step() {
        file.ifPresent(this::look);
        return EVERY;
    }

    private void look(PriceFile looked) {
        switch (looked.look()) {
            case PriceFile.Look.Unchanged unchanged -> {}
            case PriceFile.Look.Absent absent
            when prices.table().isEmpty() ->
                LOG.debug("no price table at {}: requests cost what their senders say", looked.path());
            case PriceFile.Look.Absent absent -> {
                failures.incrementAndGet();
                LOG.warn("{} is gone; its prices stay in force until the sidecar stops", looked.path());
            }
            case PriceFile.Look.Failed failed -> {
                failures.incrementAndGet();
                LOG.error(
                        "{}; {} prices stay in force",
                        failed.reason(),
                        prices.table().size());
            }
            case PriceFile.Look.Read read -> take(looked.path(), read.table());
        }
    }

    private void take(Path path, PriceTable table) {
        prices.replace(table);
        LOG.info("prices of {} models from {}", table.size(), path);
        table.problems().forEach(problem -> LOG.warn("{} {}", path, problem));
    }
}
