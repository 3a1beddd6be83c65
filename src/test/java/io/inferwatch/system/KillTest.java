package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.system.support.KillRuns;
import io.inferwatch.system.support.RunningSidecar;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 at random points: what was answered with 202 is counted exactly once. For 1,000 runs: benchmarks/README.md. */
@Tag("durability")
class KillTest {
    /** The promise is 3 s on a quiet machine; a build machine shared with others gets room, and one pause is no slow start. */
    private static final Duration READY_LIMIT = Duration.ofSeconds(30);

    @Test
    void everyAcknowledgedRecordIsCountedOnce_whenKilledAtRandomPoints() {
        try (RunningSidecar sidecar = RunningSidecar.with().start()) {
            run(sidecar, 30, "H2");
        }
    }

    @Test
    void everyAcknowledgedRecordIsCountedOnce_onPostgresql(@TempDir Path folder) throws IOException {
        try (EmbeddedPostgres postgres = PercentilesTest.postgres();
                RunningSidecar sidecar = RunningSidecar.with()
                        .config(PercentilesTest.postgresConfig(postgres, folder))
                        .start()) {
            run(sidecar, 5, "PostgreSQL");
        }
    }

    private static void run(RunningSidecar sidecar, int runs, String database) {
        long seed = System.nanoTime();
        System.out.println("kill runs on " + database + ": seed " + seed);
        KillRuns kills = new KillRuns(sidecar, seed);
        for (int number = 1; number <= runs; number++) {
            kills.run(number);
        }
        List<Duration> ready = kills.readyAfter().stream().sorted().toList();
        System.out.printf(
                "kill runs on %s: %d runs, %d records, each counted once; ready again: median %d ms, worst %d ms%n",
                database,
                runs,
                kills.records(),
                ready.get(ready.size() / 2).toMillis(),
                ready.getLast().toMillis());
        assertThat(ready.get(ready.size() / 2)).as("start to ready, median").isLessThan(READY_LIMIT);
    }
}
