package io.inferwatch.benchmarks;

import io.inferwatch.system.support.Answer;
import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.RequestRecord;
import io.inferwatch.system.support.RunningSidecar;
import io.inferwatch.system.support.SidecarApi;
import io.inferwatch.system.support.Traffic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Records a second over HTTP, until the last of them answers a query. The sender shares the machine. */
final class Throughput {
    static final int BATCH = 5_000;
    static final int SENDERS = 2;
    private static final String ID = "\"request_id\":\"";
    private static final int ID_DIGITS = 12;

    private Throughput() {}

    /**
     * What a run came to.
     *
     * @param tookSeconds from the first byte sent until all of it answered a query
     * @param cores CPU seconds of the process a second
     */
    record Result(long records, double tookSeconds, long refusals, double residentMebibytes, double cores) {
        double recordsPerSecond() {
            return records / tookSeconds;
        }

        String words() {
            return String.format(
                    Locale.ROOT,
                    "%,.0f records/s from HTTP to queryable over %.1f s, %,d records, %d answers of 429, %.0f MiB resident, %.2f cores",
                    recordsPerSecond(),
                    tookSeconds,
                    records,
                    refusals,
                    residentMebibytes,
                    cores);
        }
    }

    static String measure(int seconds) {
        return run(seconds).words();
    }

    static Result run(int seconds) {
        AtomicLong nextId = new AtomicLong(1);
        AtomicLong accepted = new AtomicLong();
        AtomicLong refusals = new AtomicLong();
        try (RunningSidecar sidecar = RunningSidecar.with().start()) {
            long began = System.nanoTime();
            long end = began + Duration.ofSeconds(seconds).toNanos();
            try (ExecutorService senders = Executors.newFixedThreadPool(SENDERS)) {
                for (int i = 0; i < SENDERS; i++) {
                    byte[] body = batch(i);
                    senders.execute(() -> {
                        while (System.nanoTime() - end < 0) {
                            send(sidecar.api(), body, nextId, accepted, refusals);
                        }
                    });
                }
                senders.shutdown();
                await(senders, seconds);
            }
            Await.until("all queryable", Duration.ofMinutes(5), () -> count(sidecar.api()) == accepted.get());
            double took = (System.nanoTime() - began) / 1e9;
            return new Result(
                    accepted.get(),
                    took,
                    refusals.get(),
                    sidecar.figures().residentMebibytes(),
                    sidecar.figures().cpuSeconds() / took);
        }
    }

    static void await(ExecutorService senders, int seconds) {
        try {
            if (!senders.awaitTermination(seconds + 60L, TimeUnit.SECONDS)) {
                throw new AssertionError("the senders hang");
            }
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    private static void send(SidecarApi api, byte[] body, AtomicLong nextId, AtomicLong accepted, AtomicLong refusals) {
        renumber(body, nextId.getAndAdd(BATCH));
        while (true) {
            Answer answer = api.post(SidecarApi.REQUESTS, SidecarApi.NDJSON, body);
            if (answer.status() == 202) {
                accepted.addAndGet(answer.json().path("accepted").asLong());
                return;
            }
            if (answer.status() != 429) {
                throw new AssertionError("push answered " + answer);
            }
            refusals.incrementAndGet();
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }

    /** 5,000 records whose ids all have the same length, so that they can be renumbered in place. */
    private static byte[] batch(int seed) {
        StringBuilder body = new StringBuilder();
        for (RequestRecord record : new Traffic(seed, "x").take(BATCH, 5, "chat")) {
            body.append(record.json().replace(ID + record.id(), ID + "0".repeat(ID_DIGITS)))
                    .append('\n');
        }
        return body.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void renumber(byte[] body, long first) {
        byte[] id = ID.getBytes(StandardCharsets.UTF_8);
        long number = first;
        int line = 0;
        while (line < body.length) {
            int at = line + 1 + id.length; // the id stands first in its object
            long rest = number++;
            for (int digit = at + ID_DIGITS - 1; digit >= at; digit--) {
                body[digit] = (byte) ('0' + rest % 10);
                rest /= 10;
            }
            while (body[line] != '\n') {
                line++;
            }
            line++;
        }
    }

    private static long count(SidecarApi api) {
        return Math.round(api.read("/api/v1/windows", "metric", "llm.requests", "agg", "count", "from", "-1h")
                .path("series")
                .path(0)
                .path("value")
                .asDouble());
    }
}
