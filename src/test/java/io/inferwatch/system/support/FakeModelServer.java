package io.inferwatch.system.support;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A model server with vLLM's page and vLLM's buckets, whose true latencies the test knows. Any thread. */
public final class FakeModelServer implements AutoCloseable {
    private static final double[] TTFT = {
        .001, .005, .01, .02, .04, .06, .08, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560
    };
    private static final String NAME = "vllm:time_to_first_token_seconds";
    private static final String LABELS = "engine=\"0\",model_name=\"acme/writer-8b\"";

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Double> ttftSeconds = new ArrayList<>();
    private final double startedEpochSeconds = System.currentTimeMillis() / 1e3;

    public FakeModelServer() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/metrics", exchange -> {
            try (exchange) {
                byte[] page = page().getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
                exchange.sendResponseHeaders(200, page.length);
                exchange.getResponseBody().write(page);
            }
        });
        server.setExecutor(threads);
        server.start();
    }

    public String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/metrics";
    }

    /** A request answered its first token after so long. */
    public synchronized void served(double seconds) {
        ttftSeconds.add(seconds);
    }

    private synchronized String page() {
        StringBuilder page = new StringBuilder()
                .append("# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds ")
                .append(startedEpochSeconds)
                .append("\n# TYPE vllm:num_requests_running gauge\nvllm:num_requests_running{" + LABELS + "} 3.0\n")
                .append("# TYPE vllm:kv_cache_usage_perc gauge\nvllm:kv_cache_usage_perc{" + LABELS + "} 0.25\n")
                .append("# TYPE vllm:generation_tokens_total counter\nvllm:generation_tokens_total{" + LABELS + "} ")
                .append(ttftSeconds.size() * 10.0)
                .append("\n# TYPE " + NAME + " histogram\n");
        for (double bound : TTFT) {
            bucket(page, Double.toString(bound), bound);
        }
        bucket(page, "+Inf", Double.POSITIVE_INFINITY);
        double sum = ttftSeconds.stream().mapToDouble(Double::doubleValue).sum();
        return page.append(NAME + "_sum{" + LABELS + "} " + sum + "\n")
                .append(NAME + "_count{" + LABELS + "} " + ttftSeconds.size() + "\n")
                .toString();
    }

    private void bucket(StringBuilder page, String bound, double upper) {
        long count = ttftSeconds.stream().filter(value -> value <= upper).count();
        page.append(String.format(Locale.ROOT, "%s_bucket{%s,le=\"%s\"} %d.0%n", NAME, LABELS, bound, count));
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
