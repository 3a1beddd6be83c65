package io.inferwatch.notifier.outbound;

import io.inferwatch.notifier.outbound.Exchange.Answer;
import io.inferwatch.notifier.outbound.Exchange.NoAnswer;
import io.inferwatch.notifier.outbound.Exchange.Refused;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Calls allowed hosts only: no redirects, no proxies, no cookies, an answer of at most 64 KiB, 10 s for everything.
 * Safe for any number of threads; the client behind it is made at the first call.
 */
public final class Outbound implements AutoCloseable {

    /** Finds the addresses of a host; {@link InetAddress#getAllByName} outside tests. */
    @FunctionalInterface
    public interface Resolver {
        InetAddress[] resolve(String host) throws UnknownHostException;
    }

    private static final int MAX_ANSWER_BYTES = 64 * 1024;

    private final AllowedHosts allowedHosts;
    private final Resolver resolver;
    private final InstantSource clock;
    private final Duration timeout;
    private @Nullable HttpClient client;

    public Outbound(AllowedHosts allowedHosts, InstantSource clock) {
        this(allowedHosts, InetAddress::getAllByName, clock, Duration.ofSeconds(10));
    }

    /** @param timeout for one call, from the name's resolution to the last byte of the answer */
    public Outbound(AllowedHosts allowedHosts, Resolver resolver, InstantSource clock, Duration timeout) {
        this.allowedHosts = allowedHosts;
        this.resolver = resolver;
        this.clock = clock;
        this.timeout = timeout;
    }

    public AllowedHosts allowedHosts() {
        return allowedHosts;
    }

    /** Blocks until the answer is here or the time is up. */
    public Exchange post(String url, Map<String, String> headers, byte[] body) {
        return send(url, headers, request -> request.POST(HttpRequest.BodyPublishers.ofByteArray(body)));
    }

    /** As {@link #post}, for what only asks. */
    public Exchange get(String url, Map<String, String> headers) {
        return send(url, headers, HttpRequest.Builder::GET);
    }

    private Exchange send(String url, Map<String, String> headers, UnaryOperator<HttpRequest.Builder> method) {
        Optional<String> objection = allowedHosts.objection(url);
        if (objection.isPresent()) {
            return new Refused(objection.get());
        }
        URI uri = URI.create(url.strip());
        Optional<Exchange> unreachable = unreachable(uri);
        if (unreachable.isPresent()) {
            return unreachable.get();
        }
        HttpRequest.Builder request = method.apply(HttpRequest.newBuilder(uri));
        headers.forEach(request::header);
        return exchange(request.build());
    }

    /** The JDK keeps the addresses it found for 30 s, so the call made next goes to what was checked here. */
    private Optional<Exchange> unreachable(URI uri) {
        if (allowedHosts.isWrittenOut(uri)) {
            return Optional.empty();
        }
        try {
            for (InetAddress address : resolver.resolve(uri.getHost())) {
                if (AllowedHosts.isPrivate(address)) {
                    return Optional.of(new Refused("host " + uri.getHost() + " resolves to a private address"));
                }
            }
            return Optional.empty();
        } catch (UnknownHostException e) {
            return Optional.of(new NoAnswer("host " + uri.getHost() + " is unknown to the resolver", false));
        }
    }

    private Exchange exchange(HttpRequest request) {
        AtomicReference<HttpResponse.@Nullable ResponseInfo> head = new AtomicReference<>();
        HttpResponse.BodyHandler<byte[]> body =
                HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), MAX_ANSWER_BYTES);
        CompletableFuture<HttpResponse<byte[]>> call = client().sendAsync(request, info -> {
            head.set(info);
            return body.apply(info);
        });
        try {
            HttpResponse<byte[]> response = call.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
            return answer(response.statusCode(), response.headers(), response.body(), true);
        } catch (TimeoutException e) {
            call.cancel(true);
            return interrupted(head.get(), "no answer within " + timeout.toSeconds() + " s");
        } catch (InterruptedException e) {
            call.cancel(true);
            Thread.currentThread().interrupt();
            return interrupted(head.get(), "the sidecar is stopping");
        } catch (ExecutionException e) {
            return failed(head.get(), e.getCause());
        }
    }

    /** A status line is an answer, whatever becomes of the body. */
    private Exchange interrupted(HttpResponse.@Nullable ResponseInfo head, String reason) {
        return head == null
                ? new NoAnswer(reason, true)
                : answer(head.statusCode(), head.headers(), new byte[0], false);
    }

    private Exchange failed(HttpResponse.@Nullable ResponseInfo head, @Nullable Throwable cause) {
        if (cause instanceof HttpConnectTimeoutException || cause instanceof ConnectException) {
            return new NoAnswer("connection refused or timed out", false);
        }
        if (cause instanceof javax.net.ssl.SSLHandshakeException) {
            return new NoAnswer("TLS handshake failed", false);
        }
        String kind = cause instanceof IOException ? "connection lost" : "call failed";
        return interrupted(
                head, kind + (cause == null ? "" : " (" + cause.getClass().getSimpleName() + ")"));
    }

    private Exchange answer(int status, java.net.http.HttpHeaders headers, byte[] body, boolean complete) {
        return new Answer(
                status,
                new String(body, StandardCharsets.UTF_8),
                complete,
                headers.firstValue("Retry-After").flatMap(value -> RetryAfter.parse(value, clock.instant())));
    }

    private synchronized HttpClient client() {
        if (client == null) {
            client = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .proxy(ProxySelector.of(null))
                    .connectTimeout(Duration.ofSeconds(3))
                    .executor(Executors.newVirtualThreadPerTaskExecutor())
                    .build();
        }
        return client;
    }

    /** Calls under way are cut off. */
    @Override
    public synchronized void close() {
        if (client != null) {
            client.shutdownNow();
            client = null;
        }
    }
}
