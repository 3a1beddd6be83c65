package io.inferwatch.collector.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.Measurement;
import io.inferwatch.collector.RequestMeasurement;
import io.inferwatch.collector.SampleMeasurement;
import io.inferwatch.collector.identity.IdentityHash;
import io.inferwatch.collector.identity.IdentityKey;
import io.inferwatch.collector.identity.IdentityPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What a proxy's telemetry makes of the requests it relays. */
final class KeptRecords {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final List<RequestMeasurement> records = new ArrayList<>();
    /** Every sample so far: of times between chunks. */
    final List<SampleMeasurement> samples = new ArrayList<>();

    final ProxyTelemetry telemetry = new ProxyTelemetry(
            made -> {
                for (Measurement each : made) {
                    if (each instanceof SampleMeasurement sample) {
                        samples.add(sample);
                    } else {
                        records.add((RequestMeasurement) each);
                    }
                }
                return true;
            },
            new IdentityHash(IdentityPolicy.DROP, IdentityKey.of(new byte[32])));

    /** The next one; what came before is forgotten. */
    RequestMeasurement next() throws InterruptedException {
        records.clear();
        while (records.isEmpty()) {
            assertThat(telemetry.step(PATIENCE)).as("a record comes").isTrue();
        }
        return records.getFirst();
    }
}
