package io.inferwatch.collector.push;

import io.inferwatch.collector.Collector;
import java.io.IOException;
import java.io.InputStream;

/** What {@code POST /api/v1/samples} does with a body. Any thread; a bounded number of them at once, since each holds a parser. */
public final class SampleIntake {
    private final BodyIntake<SampleKind.Fields> intake;

    public SampleIntake(Collector collector) {
        this.intake = new BodyIntake<>(collector, () -> new SampleKind(collector.always()));
    }

    /**
     * Takes a body: parsed and checked as a whole first, then journalled as one record, or not at all.
     *
     * @param body decompressed; read to its end, or to 64 MiB past what a body may be
     * @throws IOException when the body cannot be read on; nothing of it was kept
     */
    public IntakeOutcome accept(InputStream body, BodyFormat format, IntakeOptions options) throws IOException {
        return intake.accept(body, format, options);
    }

    public IntakeStats stats() {
        return intake.stats();
    }
}
