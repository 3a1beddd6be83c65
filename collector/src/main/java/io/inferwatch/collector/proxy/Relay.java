package io.inferwatch.collector.proxy;

import io.netty.handler.codec.http.HttpRequest;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What the connections of one target share. Any event loop. */
final class Relay {
    private static final int LONGEST_ID = 128;

    private final ProxyTarget target;
    private final ProxyTelemetry telemetry;
    private final LongSupplier nanos;
    private final Set<Exchange> underWay = ConcurrentHashMap.newKeySet();
    private volatile boolean isDraining;

    Relay(ProxyTarget target, ProxyTelemetry telemetry, LongSupplier nanos) {
        this.target = target;
        this.telemetry = telemetry;
        this.nanos = nanos;
    }

    ProxyTarget target() {
        return target;
    }

    ProxyTelemetry telemetry() {
        return telemetry;
    }

    ReadClock newClock() {
        return new ReadClock(nanos);
    }

    /** By the id that the client gave it, else one made here. */
    static String idOf(HttpRequest request) {
        String given = request.headers().get(Heads.REQUEST_ID, "").strip();
        return given.isEmpty() || given.length() > LONGEST_ID
                ? UUID.randomUUID().toString()
                : given;
    }

    /** @return {@code null} for what is relayed unmeasured */
    @Nullable Exchange begun(HttpRequest request, String requestId, long readNanos) {
        if (!Heads.isInference(request)) {
            return null;
        }
        Exchange exchange = new Exchange(target.server(), readNanos, request.headers(), requestId);
        underWay.add(exchange);
        return exchange;
    }

    void ended(Exchange exchange, Note.Ended note) {
        underWay.remove(exchange);
        telemetry.offer(note);
    }

    int inflight() {
        return underWay.size();
    }

    /** How long the oldest request has been under way; 0 when none is. */
    long oldestNanos() {
        long now = nanos.getAsLong();
        return underWay.stream()
                .mapToLong(exchange -> Math.max(0, now - exchange.begunNanos))
                .max()
                .orElse(0);
    }

    /** From now on a connection ends with the answer that is under way. */
    void drain() {
        isDraining = true;
    }

    boolean isDraining() {
        return isDraining;
    }
}
