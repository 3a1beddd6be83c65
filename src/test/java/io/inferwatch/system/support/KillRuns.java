package io.inferwatch.system.support;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/**
 * Kills the sidecar with -9 at random moments while two senders push, starts it again on the same data, and compares
 * what it counts with what it acknowledged. What was never answered is sent again, as a sender would, and must then be
 * there once as well.
 */
public final class KillRuns {
    private static final int SENDERS = 2;
    private static final int LARGEST_BATCH = 400;
    private static final Duration LONGEST_LIFE = Duration.ofMillis(900);
    private static final Duration CAUGHT_UP = Duration.ofSeconds(20);

    private final RunningSidecar sidecar;
    private final SplittableRandom random;
    private final List<Duration> readyAfter = new ArrayList<>();
    private long records;

    /** @param sidecar running; the same data directory serves all runs */
    public KillRuns(RunningSidecar sidecar, long seed) {
        this.sidecar = sidecar;
        this.random = new SplittableRandom(seed);
    }

    /** How long each start after a kill took until ready. */
    public List<Duration> readyAfter() {
        return List.copyOf(readyAfter);
    }

    /** Records sent and checked so far. */
    public long records() {
        return records;
    }

    /** A batch as one sender sent it. */
    private record Batch(List<RequestRecord> records, boolean isAcknowledged) {}

    /** One life and death. @throws AssertionError naming what was lost or counted twice */
    public void run(int number) {
        String route = "run-" + number;
        List<Batch> batches = sendUntilKilled(route);
        restart();
        long acknowledged = count(batches, true);
        long all = count(batches, false) + acknowledged;
        Await.value(
                route + ": the " + acknowledged + " acknowledged records", CAUGHT_UP, () -> counted(route), seen -> {
                    if (seen > all) {
                        throw new AssertionError(route + ": " + seen + " counted, " + all + " sent");
                    }
                    return seen >= acknowledged;
                });
        batches.forEach(batch -> sendAgain(route, batch));
        Await.value(route + ": all " + all + " records once", CAUGHT_UP, () -> counted(route), seen -> {
            if (seen > all) {
                throw new AssertionError(route + ": " + seen + " counted, " + all + " sent");
            }
            return seen == all;
        });
        long tokens = batches.stream()
                .flatMap(batch -> batch.records().stream())
                .mapToLong(RequestRecord::outputTokens)
                .sum();
        if (tokens != outputTokens(route)) {
            throw new AssertionError(route + ": " + outputTokens(route) + " output tokens of " + tokens);
        }
        records += all;
    }

    private List<Batch> sendUntilKilled(String route) {
        long lifeNanos = random.nextLong(Duration.ofMillis(20).toNanos(), LONGEST_LIFE.toNanos());
        List<Future<List<Batch>>> senders = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(SENDERS)) {
            for (int sender = 0; sender < SENDERS; sender++) {
                Traffic traffic = new Traffic(random.nextLong(), route + "-" + sender + "-");
                SplittableRandom sizes = random.split();
                senders.add(threads.submit(() -> send(traffic, sizes, route)));
            }
            LockSupport.parkNanos(lifeNanos); // the moment of death is the input of this run, not a wait for something
            sidecar.kill();
            List<Batch> batches = new ArrayList<>();
            for (Future<List<Batch>> sender : senders) {
                batches.addAll(sender.get());
            }
            return batches;
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError("a sender failed", e);
        }
    }

    /** Sends batch after batch until the other side is gone. */
    private List<Batch> send(Traffic traffic, SplittableRandom sizes, String route) {
        List<Batch> batches = new ArrayList<>();
        while (true) {
            List<RequestRecord> next = traffic.take(sizes.nextInt(1, LARGEST_BATCH), 3, route);
            try {
                Answer answer = sidecar.api().post(SidecarApi.REQUESTS, SidecarApi.NDJSON, SidecarApi.ndjson(next));
                if (answer.status() == 202) {
                    batches.add(new Batch(next, true));
                } else if (answer.status() != 429) {
                    throw new AssertionError("push answered " + answer);
                }
            } catch (UncheckedIOException e) {
                batches.add(new Batch(next, false));
                return batches;
            }
        }
    }

    /** Starts again; now and then the start itself is killed first. */
    private void restart() {
        if (random.nextInt(4) == 0) {
            sidecar.launch();
            LockSupport.parkNanos(random.nextLong(Duration.ofSeconds(1).toNanos()));
            sidecar.kill();
        }
        sidecar.start();
        readyAfter.add(sidecar.readyAfter());
    }

    private void sendAgain(String route, Batch batch) {
        JsonNode answer = sidecar.api().push(batch.records());
        int accepted = answer.path("accepted").asInt();
        int duplicates = answer.path("duplicates").asInt();
        if (accepted + duplicates != batch.records().size() || (batch.isAcknowledged() && accepted > 0)) {
            throw new AssertionError(route + ": " + (batch.isAcknowledged() ? "an acknowledged" : "an unanswered")
                    + " batch of " + batch.records().size() + " sent again: " + answer);
        }
    }

    private long counted(String route) {
        JsonNode series = sidecar.api()
                .read("/api/v1/percentiles", "metric", "llm.ttft", "p", "50", "from", "-1h", "where", "route:" + route)
                .path("series");
        return series.isEmpty() ? 0 : series.get(0).path("count").asLong();
    }

    private long outputTokens(String route) {
        return Math.round(sidecar.api()
                .read(
                        "/api/v1/windows",
                        "metric",
                        "llm.tokens.output",
                        "agg",
                        "sum",
                        "from",
                        "-1h",
                        "where",
                        "route:" + route)
                .path("series")
                .path(0)
                .path("value")
                .asDouble());
    }

    private static long count(List<Batch> batches, boolean acknowledged) {
        return batches.stream()
                .filter(batch -> batch.isAcknowledged() == acknowledged)
                .mapToLong(batch -> batch.records().size())
                .sum();
    }
}
