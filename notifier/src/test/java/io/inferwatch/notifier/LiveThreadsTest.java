package io.inferwatch.notifier;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.notifier.outbox.JdbcOutbox;
import io.inferwatch.notifier.testing.Engine;
import io.inferwatch.notifier.testing.Sidecar;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.Tier;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveThreadsTest {
    private static final AlertKey LLAMA = Engine.key("ttft_slow", "model", "llama");

    @Test
    void tellsAndClosesOnItsOwnThreads_andStops(@TempDir Path folder) {
        try (Sidecar sidecar = new Sidecar(folder)) {
            sidecar.routeAllTo(sidecar.pagerDuty("pd", Map.of()), sidecar.slack("slack", Map.of()));
            NotificationPipeline pipeline = new NotificationPipeline(
                    "gpu-host-17",
                    LabelSet.EMPTY,
                    sidecar.types(),
                    new JdbcOutbox(sidecar.database),
                    new ToldLog(folder.resolve("live.log")),
                    sidecar.clock,
                    System::nanoTime,
                    new SplittableRandom(1),
                    DeliveryThreads.virtual());
            assertThat(pipeline.restore()).isEmpty();
            pipeline.start();
            pipeline.onTick(sidecar.engine.tick(sidecar.clock.instant(), sidecar.plan, Map.of(LLAMA, Tier.P0)));
            await(() -> sidecar.receivers.calls.size() == 2 && pipeline.stats().outboxDepth() == 0);
            assertThat(sidecar.receivers.open).hasSize(1);
            pipeline.onTick(sidecar.engine.tick(sidecar.clock.instant(), sidecar.plan, Map.of()));
            await(() -> sidecar.receivers.calls.size() == 4 && pipeline.stats().outboxDepth() == 0);
            pipeline.stop(Duration.ofSeconds(60));
            assertThat(sidecar.receivers.open).isEmpty();
            assertThat(sidecar.receivers.faults).isEmpty();
        }
    }

    private static void await(BooleanSupplier condition) {
        for (int i = 0; i < 60_000 && !condition.getAsBoolean(); i++) {
            LockSupport.parkNanos(1_000_000);
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }
}
