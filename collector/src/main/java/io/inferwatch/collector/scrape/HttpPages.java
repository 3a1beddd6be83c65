package io.inferwatch.collector.scrape;

import io.inferwatch.collector.scrape.page.Page;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.GZIPInputStream;

/**
 * Pages over HTTP. A fetch ends with its deadline, the body included, and takes no more memory than a page may have. It
 * follows no redirect, so that what was configured is what is read. Any thread.
 */
public final class HttpPages implements AutoCloseable {
    private static final String ACCEPT = "application/vnd.google.protobuf;"
            + "proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.9,"
            + "text/plain;version=0.0.4;q=0.8,application/openmetrics-text;version=1.0.0;q=0.5";

    private final ExecutorService callbacks = Executors.newFixedThreadPool(
            2, work -> Thread.ofPlatform().name("scrape-io").daemon().unstarted(work));
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .proxy(ProxySelector.of(null))
            .executor(callbacks)
            .build();

    /** Pages fetched within this time each. */
    public PageSource within(Duration timeout) {
        return address -> fetch(address, timeout);
    }

    private PageSource.Fetched fetch(URI address, Duration timeout) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(address)
                .timeout(timeout)
                .header("Accept", ACCEPT)
                .header("Accept-Encoding", "gzip")
                .header("User-Agent", "inferwatch")
                .build();
        CompletableFuture<HttpResponse<byte[]>> answer =
                client.sendAsync(request, head -> new BoundedBody(Page.MOST_BYTES));
        try {
            return told(address, answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            return late(timeout);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            return failed(address, cause == null ? e : cause, timeout);
        } finally {
            answer.cancel(true);
        }
    }

    private static PageSource.Fetched late(Duration timeout) {
        return new PageSource.Fetched.Failed(
                "no whole answer within " + timeout.toMillis() + " ms",
                "see whether the server hangs or its page is too long");
    }

    private static PageSource.Fetched failed(URI address, Throwable cause, Duration timeout) {
        return switch (cause) {
            case java.net.http.HttpTimeoutException late -> late(timeout);
            case BoundedBody.TooLargeException large ->
                new PageSource.Fetched.Failed("the page has more than " + (Page.MOST_BYTES >> 20) + " MiB");
            case ConnectException unknown
            when unknown.getCause() instanceof UnresolvedAddressException ->
                new PageSource.Fetched.Failed(
                        "no address is known of " + address.getHost(), "correct the name, or give its address");
            case ConnectException refused ->
                new PageSource.Fetched.Failed(
                        "nothing listens there (connection refused)",
                        "see whether the model server runs, and at which port");
            default -> new PageSource.Fetched.Failed(cause.getClass().getSimpleName() + ": " + cause.getMessage());
        };
    }

    private static PageSource.Fetched told(URI address, HttpResponse<byte[]> answer) {
        HttpHeaders headers = answer.headers();
        int status = answer.statusCode();
        if (status >= 300 && status < 400) {
            return new PageSource.Fetched.Failed("answers " + status + " and points to "
                    + headers.firstValue("Location").orElse("nowhere") + "; give that address as scrape");
        }
        if (status != 200) {
            return new PageSource.Fetched.Failed("answers " + status + " at " + address.getPath(), remedy(status));
        }
        String type = headers.firstValue("Content-Type").orElse("");
        boolean isGzip = headers.firstValue("Content-Encoding").orElse("").equals("gzip");
        try {
            return new PageSource.Fetched.Got(isGzip ? unpacked(answer.body()) : answer.body(), type);
        } catch (IOException e) {
            return new PageSource.Fetched.Failed("the page cannot be unpacked: " + e.getMessage());
        }
    }

    private static String remedy(int status) {
        return switch (status) {
            case 401, 403 -> "let this host read the page without credentials: none are sent";
            case 404 -> "give the path of the metrics page, and switch metrics on at the server";
            default -> status >= 500 ? "the log of the server says why" : "";
        };
    }

    private static byte[] unpacked(byte[] packed) throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(packed))) {
            byte[] bytes = in.readNBytes(Page.MOST_BYTES + 1);
            if (bytes.length > Page.MOST_BYTES) {
                throw new IOException("it has more than " + (Page.MOST_BYTES >> 20) + " MiB");
            }
            return bytes;
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
        callbacks.shutdownNow();
    }
}
