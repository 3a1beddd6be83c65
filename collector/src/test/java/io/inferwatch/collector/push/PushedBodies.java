package io.inferwatch.collector.push;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.Collector;
import io.inferwatch.collector.CollectorConfig;
import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.ListJournal;
import io.inferwatch.collector.RecordingSink;
import io.inferwatch.collector.identity.IdentityKey;
import io.inferwatch.collector.ids.IdHash;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** A collector over a journal in memory, and bodies pushed to it. */
final class PushedBodies {
    static final LabelSet ALWAYS = LabelSet.of("host", "h1", "pool", "a");
    static final String GOOD = "{\"model\":\"m\",\"ttft_ms\":10,\"latency_ms\":50,\"output_tokens\":5}";

    private final ListJournal journal = new ListJournal();
    private boolean overloaded;
    private final CollectorConfig config;
    private Collector collector;
    private RequestIntake requests;
    private SampleIntake samples;

    PushedBodies() {
        this(CollectorConfig.DEFAULT);
    }

    PushedBodies(CollectorConfig config) {
        this.config = config;
        collector = new Collector(config, journal, ALWAYS, new IdHash(1, 2), () -> overloaded).recallIds();
        requests = new RequestIntake(collector, IdentityKey.of(new byte[32]));
        samples = new SampleIntake(collector);
    }

    /** A new process over the same journal. */
    void restartCollector() {
        collector = new Collector(config, journal, ALWAYS, new IdHash(3, 4), () -> overloaded).recallIds();
        requests = new RequestIntake(collector, IdentityKey.of(new byte[32]));
        samples = new SampleIntake(collector);
    }

    ListJournal journal() {
        return journal;
    }

    RequestIntake requests() {
        return requests;
    }

    SampleIntake samples() {
        return samples;
    }

    Collector collector() {
        return collector;
    }

    void overloaded(boolean isOverloaded) {
        overloaded = isOverloaded;
    }

    RecordingSink observed() {
        return RecordingSink.of(collector);
    }

    IntakeOutcome push(BodyFormat format, String body) {
        return push(format, body.getBytes(StandardCharsets.UTF_8), IntakeOptions.DEFAULT);
    }

    IntakeOutcome push(BodyFormat format, byte[] body, IntakeOptions options) {
        try {
            return requests.accept(new ByteArrayInputStream(body), format, options);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    IntakeOutcome pushSamples(String body) {
        try {
            return samples.accept(
                    new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)),
                    BodyFormat.NDJSON,
                    IntakeOptions.DEFAULT);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The report of a body that was accepted. */
    IntakeReport accepted(BodyFormat format, String body) {
        IntakeOutcome outcome = push(format, body);
        assertThat(outcome).isInstanceOf(IntakeOutcome.Accepted.class);
        return ((IntakeOutcome.Accepted) outcome).report();
    }

    /** The error of a second line behind a good first one. */
    RecordError error(String record) {
        IntakeReport report = accepted(BodyFormat.NDJSON, GOOD + "\n" + record + "\n");
        assertThat(report.accepted()).as(record).isEqualTo(1);
        assertThat(report.rejected()).as(record).isEqualTo(1);
        RecordError error = report.errors().getFirst();
        assertThat(error.line()).isEqualTo(2);
        return error;
    }
}
