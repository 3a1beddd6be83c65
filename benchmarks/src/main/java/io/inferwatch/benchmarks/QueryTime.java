package io.inferwatch.benchmarks;

import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.RequestRecord;
import io.inferwatch.system.support.RunningSidecar;
import io.inferwatch.system.support.Traffic;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Percentiles over an hour of 10 s windows, the most that can be pushed at once: 20 and 200 series merged into one. */
final class QueryTime {
    private static final int WINDOWS = 350;
    private static final int RECORDS_A_WINDOW = 10;

    private QueryTime() {}

    static String measure(int times) {
        return "p50, p95, p99 over 350 windows of 10 s: 20 series " + measure(20, times) + "; 200 series "
                + measure(200, times);
    }

    private static String measure(int series, int times) {
        try (RunningSidecar sidecar = RunningSidecar.with().start()) {
            long sent = fill(sidecar, series);
            Await.until("all visible", Duration.ofMinutes(2), () -> count(sidecar) == sent);
            double[] ms = new double[times];
            for (int i = 0; i < times; i++) {
                long began = System.nanoTime();
                count(sidecar);
                ms[i] = (System.nanoTime() - began) / 1e6;
            }
            return Load.medianAndWorst(ms);
        }
    }

    private static long fill(RunningSidecar sidecar, int series) {
        Traffic traffic = new Traffic(1, "q");
        Instant now = Instant.now();
        long sent = 0;
        for (int window = 0; window < WINDOWS; window++) {
            Instant at = now.minusSeconds(10L * window + 5);
            List<RequestRecord> batch = new ArrayList<>();
            for (RequestRecord record : traffic.take(series * RECORDS_A_WINDOW, series, "chat")) {
                batch.add(record.at(at));
            }
            sidecar.api().push(batch);
            sent += batch.size();
        }
        return sent;
    }

    private static long count(RunningSidecar sidecar) {
        return sidecar.api()
                .read("/api/v1/percentiles", "metric", "llm.ttft", "from", "-1h")
                .path("series")
                .path(0)
                .path("count")
                .asLong();
    }
}
