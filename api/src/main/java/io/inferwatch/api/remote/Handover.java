package io.inferwatch.api.remote;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands records to a sidecar that may be away: they wait in memory, oldest first, and are sent again until they are taken.
 * Sent twice they count once, by their ids. Past its bounds the oldest is dropped, and counted. {@link #step} is one thread's.
 */
public final class Handover {
    private static final Logger LOG = LoggerFactory.getLogger(Handover.class);
    private static final Duration REST = Duration.ofMillis(200);
    private static final Duration FIRST_RETRY = Duration.ofMillis(500);
    private static final Duration LAST_RETRY = Duration.ofSeconds(5);
    private static final int MOST_AT_ONCE = 1_000;
    private static final int TAKEN = 202;
    private static final int ALL_REJECTED = 400;
    private static final Pattern REJECTED = Pattern.compile("\"rejected\":\\s*(\\d{1,9})");

    /** The sidecar. */
    @FunctionalInterface
    public interface Sidecar {
        /**
         * @param body NDJSON
         * @throws IOException when no answer came
         */
        Answer post(byte[] body) throws IOException, InterruptedException;
    }

    /** What the sidecar says to a body. */
    public record Answer(int status, String text) {}

    /**
     * In records.
     *
     * @param dropped for want of room
     * @param refused by the sidecar, for good
     */
    public record Stats(long handedOver, long waiting, long dropped, long refused) {}

    private final Sidecar sidecar;
    private final long mostBytes;
    private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
    private long bytes;
    private long dropped;
    private long handedOver;
    private long refused;
    private Duration retry = FIRST_RETRY;
    private boolean isAway;

    public Handover(Sidecar sidecar, long mostBytes) {
        this.sidecar = sidecar;
        this.mostBytes = mostBytes;
    }

    /** Never waits. Any thread. */
    public synchronized void add(byte[] line) {
        waiting.addLast(line);
        bytes += line.length;
        while (bytes > mostBytes) {
            bytes -= waiting.removeFirst().length;
            if (dropped++ == 0) {
                LOG.error("more than {} bytes wait for the sidecar: the oldest records are dropped", mostBytes);
            }
        }
    }

    /** @return how long to rest */
    public Duration step() throws InterruptedException {
        List<byte[]> batch = oldest();
        if (batch.isEmpty()) {
            return REST;
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        batch.forEach(body::writeBytes);
        try {
            Answer answer = sidecar.post(body.toByteArray());
            if (answer.status != TAKEN && answer.status != ALL_REJECTED) {
                return again("it answered " + answer.status);
            }
            done(batch, rejected(answer, batch.size()));
            return Duration.ZERO;
        } catch (IOException e) {
            return again(e.toString());
        }
    }

    private synchronized List<byte[]> oldest() {
        List<byte[]> batch = new ArrayList<>();
        for (byte[] line : waiting) {
            if (batch.size() == MOST_AT_ONCE) {
                break;
            }
            batch.add(line);
        }
        return batch;
    }

    private static int rejected(Answer answer, int all) {
        Matcher said = REJECTED.matcher(answer.text);
        return said.find() ? Integer.parseInt(said.group(1)) : answer.status == ALL_REJECTED ? all : 0;
    }

    private synchronized void done(List<byte[]> batch, int rejected) {
        for (byte[] line : batch) {
            // What was dropped meanwhile was the oldest, and so of this batch.
            if (waiting.peekFirst() == line) {
                bytes -= waiting.removeFirst().length;
            }
        }
        handedOver += batch.size() - rejected;
        if (rejected > 0 && refused == 0) {
            LOG.error("the sidecar rejected {} records; they are lost, further ones are only counted", rejected);
        }
        refused += rejected;
        retry = FIRST_RETRY;
        if (isAway) {
            isAway = false;
            LOG.info("the sidecar takes records again");
        }
    }

    private Duration again(String why) {
        if (!isAway) {
            isAway = true;
            LOG.warn("the sidecar takes no records ({}); they wait and are sent again", why);
        }
        Duration wait = retry;
        retry = retry.multipliedBy(2).compareTo(LAST_RETRY) > 0 ? LAST_RETRY : retry.multipliedBy(2);
        return wait;
    }

    /** Any thread. */
    public synchronized Stats stats() {
        return new Stats(handedOver, waiting.size(), dropped, refused);
    }
}
