package io.inferwatch.system.support;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A stand-in for a server that notices go to. It keeps what the real one would keep and writes down every fault of the
 * caller, so that a test sees not only that something arrived but that it meant the right thing.
 */
public abstract class StrictServer implements AutoCloseable {
    /** Two clocks and a network lie between an answer and the next call. */
    private static final Duration TOLERANCE = Duration.ofMillis(30);

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Deque<ScriptedAnswer> script = new ArrayDeque<>();
    private final Map<String, Long> notBeforeNanos = new HashMap<>();
    private final List<Call> calls = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();
    private boolean isDown;

    /** A call as it came; {@code status} is 0 where it was never answered. */
    public record Call(long atNanos, String path, String body, int status) {}

    /** What the stand-in says to a call. */
    protected record Reply(int status, String contentType, String body, Optional<Duration> retryAfter) {
        Reply(int status, String contentType, String body) {
            this(status, contentType, body, Optional.empty());
        }
    }

    protected StrictServer() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Begins to answer. */
    protected final void listen() {
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    /** Takes one well-formed call. Called under this object's lock. */
    protected abstract Reply take(String path, JsonNode body, HttpExchange exchange);

    /** Whom a limit applies to: the routing key, the channel. */
    protected abstract String limitedBy(String path, JsonNode body);

    /** The answer to a body that is no JSON object. */
    protected abstract Reply unreadable();

    public final String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Answers the next calls so, oldest first; then by itself again. */
    public final synchronized void next(ScriptedAnswer... answers) {
        script.addAll(List.of(answers));
    }

    /** While down every call is answered 503. */
    public final synchronized void setDown(boolean down) {
        isDown = down;
    }

    public final synchronized List<String> faults() {
        return List.copyOf(faults);
    }

    public final synchronized List<Call> calls() {
        return List.copyOf(calls);
    }

    /** How many scripted answers have not been given yet. */
    public final synchronized int scriptedLeft() {
        return script.size();
    }

    protected final synchronized void fault(String what) {
        faults.add(what);
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        byte[] bytes = exchange.getRequestBody().readAllBytes();
        String text = new String(bytes, StandardCharsets.UTF_8);
        String path = exchange.getRequestURI().getPath();
        Outcome outcome = decide(exchange, path, text, bytes.length);
        switch (outcome) {
            case Outcome.Answered(Reply reply) -> send(exchange, reply);
            case Outcome.Dropped() -> exchange.close();
            case Outcome.Hanging() -> awaitClose(exchange);
        }
    }

    private sealed interface Outcome {
        record Answered(Reply reply) implements Outcome {}

        record Dropped() implements Outcome {}

        record Hanging() implements Outcome {}
    }

    private synchronized Outcome decide(HttpExchange exchange, String path, String text, int bytes) {
        long now = System.nanoTime();
        JsonNode body = parsed(path, text);
        String limited = body == null ? path : limitedBy(path, body);
        checkPatience(limited, now);
        ScriptedAnswer scripted = isDown ? ScriptedAnswer.refuse(503) : script.poll();
        Outcome outcome = switch (scripted) {
            case null -> new Outcome.Answered(taken(path, body, exchange, bytes));
            case ScriptedAnswer.Refuse refuse -> new Outcome.Answered(refused(refuse));
            case ScriptedAnswer.Hang() -> new Outcome.Hanging();
            case ScriptedAnswer.Reset(boolean afterTaking) -> {
                if (afterTaking) {
                    taken(path, body, exchange, bytes);
                }
                yield new Outcome.Dropped();
            }
        };
        calls.add(new Call(now, path, text, statusAndPatience(outcome, limited, now)));
        return outcome;
    }

    private int statusAndPatience(Outcome outcome, String limited, long now) {
        if (!(outcome instanceof Outcome.Answered(Reply reply))) {
            return 0;
        }
        reply.retryAfter()
                .ifPresent(after ->
                        notBeforeNanos.put(limited, now + after.minus(TOLERANCE).toNanos()));
        return reply.status();
    }

    private @Nullable JsonNode parsed(String path, String text) {
        try {
            JsonNode body = Json.parse(text);
            if (body.isObject()) {
                return body;
            }
        } catch (AssertionError e) {
            // said below, for a body of any other shape too
        }
        fault(path + ": the body is no JSON object: " + text);
        return null;
    }

    private Reply taken(String path, @Nullable JsonNode body, HttpExchange exchange, int bytes) {
        if (!exchange.getRequestMethod().equals("POST")) {
            fault(path + ": method " + exchange.getRequestMethod());
        }
        String type = String.valueOf(exchange.getRequestHeaders().getFirst("Content-Type"));
        if (!type.startsWith("application/json")) {
            fault(path + ": Content-Type " + type);
        }
        if (bytes > 512_000) {
            fault(path + ": " + bytes + " bytes");
        }
        return body == null ? unreadable() : take(path, body, exchange);
    }

    private static Reply refused(ScriptedAnswer.Refuse refuse) {
        String body = "{\"ok\":false,\"error\":\"rate_limited\"}";
        return new Reply(refuse.status(), "application/json", body, refuse.retryAfter());
    }

    private void checkPatience(String limited, long now) {
        Long notBefore = notBeforeNanos.get(limited);
        if (notBefore != null && now - notBefore < 0) {
            fault("called again " + Duration.ofNanos(notBefore - now) + " before Retry-After had passed: " + limited);
        }
    }

    private static void send(HttpExchange exchange, Reply reply) throws IOException {
        byte[] bytes = reply.body().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", reply.contentType());
        reply.retryAfter()
                .ifPresent(after -> exchange.getResponseHeaders().set("Retry-After", Long.toString(after.toSeconds())));
        exchange.sendResponseHeaders(reply.status(), bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private void awaitClose(HttpExchange exchange) {
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        exchange.close();
    }
}
