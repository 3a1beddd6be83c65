package io.inferwatch.system.support;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A model server that streams: a request for model {@code held} gets its first tokens at once and the rest when the test lets it go
 * on, any other gets all at once. Any thread.
 */
public final class HoldingServer implements AutoCloseable {
    private static final String FIRST = event("one") + event("two");
    private static final String REST =
            event("three") + "data: {\"choices\":[],\"usage\":{\"completion_tokens\":3}}\n\ndata: [DONE]\n\n";

    /** What every client must get, byte by byte. */
    public static final String ANSWER = FIRST + REST;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CountDownLatch goingOn = new CountDownLatch(1);

    public HoldingServer() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/v1/chat/completions", this::answer);
        server.setExecutor(threads);
        server.start();
    }

    private static String event(String token) {
        return "data: {\"model\":\"llama\",\"choices\":[{\"delta\":{\"content\":\"" + token + "\"}}]}\n\n";
    }

    private void answer(HttpExchange exchange) throws IOException {
        String asked = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        try (exchange;
                OutputStream out = exchange.getResponseBody()) {
            out.write(FIRST.getBytes(StandardCharsets.UTF_8));
            out.flush();
            if (asked.contains("\"held\"")) {
                goingOn.await();
            }
            out.write(REST.getBytes(StandardCharsets.UTF_8));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Lets all streams that are held go on to their end. */
    public void goOn() {
        goingOn.countDown();
    }

    @Override
    public void close() {
        goOn();
        server.stop(0);
        threads.shutdownNow();
    }
}
