package io.inferwatch.benchmarks;

import io.inferwatch.system.support.Answer;
import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.ProcessFigures;
import io.inferwatch.system.support.RunningSidecar;
import io.inferwatch.system.support.SidecarApi;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * Percentiles over a day of 10 s windows, fed by the backfill path: 20 and 200 series merged into one, over HTTP, when the
 * store has put the day in order.
 */
final class QueryTime {
    private static final int WINDOWS = 8_640;
    private static final int SAMPLES_A_WINDOW = 5;
    private static final int SAMPLES_A_BODY = 5_000;
    private static final int WARM_UP = 40;
    private static final Duration PATIENCE = Duration.ofMinutes(20);
    private static final Duration CALM = Duration.ofSeconds(5);
    private static final double CALM_CPU_SECONDS = 0.4;

    private final RunningSidecar sidecar;
    private final SplittableRandom random = new SplittableRandom(5);
    private final StringBuilder body = new StringBuilder();
    private long fromMillis;
    private long sent;
    private int waiting;

    private QueryTime(RunningSidecar sidecar) {
        this.sidecar = sidecar;
    }

    static String measure(int times) {
        return "p50, p95, p99 over 24 h of 10 s windows, 5 samples each: 20 series " + measure(20, times)
                + "; 200 series " + measure(200, times);
    }

    private static String measure(int series, int times) {
        try (RunningSidecar sidecar = RunningSidecar.with().start()) {
            QueryTime queries = new QueryTime(sidecar);
            queries.fill(series);
            Await.until("all visible", PATIENCE, () -> queries.count() == queries.sent);
            queries.awaitCalm();
            for (int i = 0; i < WARM_UP; i++) {
                queries.count();
            }
            double[] ms = new double[times];
            for (int i = 0; i < times; i++) {
                long began = System.nanoTime();
                queries.count();
                ms[i] = (System.nanoTime() - began) / 1e6;
            }
            return Load.medianAndWorst(ms);
        }
    }

    private void fill(int series) {
        long end = Instant.now().toEpochMilli() / 10_000 * 10_000;
        fromMillis = end - 10_000L * (WINDOWS - 1);
        for (int window = WINDOWS - 2; window >= 0; window--) {
            long at = end - 10_000L * window - 5_000;
            for (int one = 0; one < series * SAMPLES_A_WINDOW; one++) {
                double value = Math.exp(5 + 0.6 * random.nextGaussian());
                body.append(String.format(
                        Locale.ROOT,
                        "{\"metric\":\"custom.wait\",\"value\":%.3f,\"time\":%d,\"labels\":{\"lane\":\"%d\"}}%n",
                        value,
                        at,
                        one % series));
                waiting++;
                if (waiting == SAMPLES_A_BODY) {
                    push();
                }
            }
        }
        push();
    }

    private void push() {
        while (true) {
            Answer answer = sidecar.api()
                    .sendAsAdmin("POST", "/api/v1/samples?backfill=true", SidecarApi.NDJSON, body.toString());
            if (answer.status() == 202) {
                break;
            }
            if (answer.status() != 429) {
                throw new AssertionError("backfill answered " + answer);
            }
            LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
        }
        sent += waiting;
        waiting = 0;
        body.setLength(0);
    }

    private long count() {
        return sidecar.api()
                .read("/api/v1/percentiles", "metric", "custom.wait", "from", Long.toString(fromMillis))
                .path("series")
                .path(0)
                .path("count")
                .asLong();
    }

    /** The store packs what came in the background; a day that came in minutes keeps it busy for some. */
    private void awaitCalm() {
        ProcessFigures figures = sidecar.figures();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        double before = figures.cpuSeconds();
        while (System.nanoTime() < deadline) {
            LockSupport.parkNanos(CALM.toNanos());
            double now = figures.cpuSeconds();
            if (now - before < CALM_CPU_SECONDS) {
                return;
            }
            before = now;
        }
        throw new AssertionError("the store is still at work after " + PATIENCE);
    }
}
