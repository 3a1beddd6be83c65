package io.inferwatch.collector.scrape;

import io.inferwatch.collector.BucketedMeasurement;
import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.Measurement;
import io.inferwatch.collector.SampleMeasurement;
import io.inferwatch.collector.SourceGap;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** A server whose next answer the test decides, read by a scraper on a clock by hand. */
final class ScriptedServer {
    static final Instant START = Instant.parse("2026-11-20T10:00:00Z");

    final List<Measurement> measurements = new ArrayList<>();
    private final Scraper scraper;
    private PageSource.Fetched next = new PageSource.Fetched.Failed("nothing yet");
    private long millis = START.toEpochMilli();
    private boolean isJournalBroken;

    ScriptedServer() {
        ScrapeTarget target =
                new ScrapeTarget("s1", URI.create("http://127.0.0.1:8000/metrics"), ScrapeTarget.DEFAULT_INTERVAL);
        this.scraper = new Scraper(
                target,
                address -> next,
                made -> {
                    if (!isJournalBroken) {
                        measurements.addAll(made);
                    }
                    return !isJournalBroken;
                },
                () -> Instant.ofEpochMilli(millis));
    }

    static String fixture(String name) {
        try (InputStream in = Objects.requireNonNull(ScriptedServer.class.getResourceAsStream("/scrape/" + name))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The page with every number of these lines raised by what a second life of the same length adds. */
    static String doubled(String page) {
        StringBuilder grown = new StringBuilder();
        for (String line : page.split("\n")) {
            int at = line.lastIndexOf(' ');
            boolean isLevel = line.startsWith("#") || line.contains("_created") || line.startsWith("process_");
            grown.append(isLevel ? line : line.substring(0, at + 1) + Double.parseDouble(line.substring(at + 1)) * 2)
                    .append('\n');
        }
        return grown.toString();
    }

    /** Five seconds later the server answers with this page. */
    ScriptedServer answers(String page) {
        return answers(page, 5_000);
    }

    ScriptedServer answers(String page, long laterMillis) {
        return step(
                new PageSource.Fetched.Got(page.getBytes(StandardCharsets.UTF_8), "text/plain; version=0.0.4"),
                laterMillis);
    }

    ScriptedServer fails(String reason) {
        return step(new PageSource.Fetched.Failed(reason), 5_000);
    }

    ScriptedServer answersJson(String body) {
        return step(new PageSource.Fetched.Got(body.getBytes(StandardCharsets.UTF_8), "application/json"), 5_000);
    }

    private ScriptedServer step(PageSource.Fetched answer, long laterMillis) {
        millis += laterMillis;
        next = answer;
        try {
            scraper.step();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return this;
    }

    ScriptedServer breakJournal(boolean isBroken) {
        isJournalBroken = isBroken;
        return this;
    }

    /** From here on only what comes anew is listed. */
    ScriptedServer forget() {
        measurements.clear();
        return this;
    }

    SourceReport report() {
        return scraper.report();
    }

    List<BucketedMeasurement> buckets(String metric) {
        return measurements.stream()
                .filter(BucketedMeasurement.class::isInstance)
                .map(BucketedMeasurement.class::cast)
                .filter(each -> each.metric().name().equals(metric))
                .toList();
    }

    List<SampleMeasurement> samples(String metric) {
        return measurements.stream()
                .filter(SampleMeasurement.class::isInstance)
                .map(SampleMeasurement.class::cast)
                .filter(each -> each.metric().name().equals(metric))
                .toList();
    }

    List<SourceGap> gaps() {
        return measurements.stream()
                .filter(SourceGap.class::isInstance)
                .map(SourceGap.class::cast)
                .toList();
    }

    /** The one value of a metric, in its unit. */
    double value(String metric) {
        SampleMeasurement only = samples(metric).getLast();
        return only.metric().unit().fromScaled((double) only.scaledValue());
    }

    /** How many requests ended so. */
    long requests(String outcome) {
        return samples("llm.requests").stream()
                .filter(each -> each.labels().get("outcome").equals(Optional.of(outcome)))
                .mapToLong(SampleMeasurement::weight)
                .sum();
    }

    LabelSet labels(String metric) {
        return samples(metric).getLast().labels();
    }
}
