package io.inferwatch.collector.push;

import io.inferwatch.collector.Collector;
import io.inferwatch.collector.RequestMeasurement;
import io.inferwatch.collector.identity.IdentityHash;
import io.inferwatch.collector.identity.IdentityKey;
import java.io.IOException;
import java.io.InputStream;

/** What {@code POST /api/v1/requests} does with a body. Any thread; a bounded number of them at once, since each holds a parser. */
public final class RequestIntake {
    private final BodyIntake<RequestMeasurement.Builder> intake;

    /** @param key hashes the names of users and sessions before anything is kept */
    public RequestIntake(Collector collector, IdentityKey key) {
        this.intake = new BodyIntake<>(
                collector,
                () -> new RequestKind(new IdentityHash(collector.config().identity(), key)));
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
