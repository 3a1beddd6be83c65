package io.inferwatch.collector.proxy;

import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;

/** Heads of messages on their way through: what belongs to one connection stays on it (RFC 9110 §7.6.1), all else goes on. */
final class Heads {
    static final String REQUEST_ID = "x-request-id";

    private static final List<String> OF_ONE_CONNECTION =
            List.of("connection", "keep-alive", "proxy-connection", "te", "upgrade", "transfer-encoding");

    private static final List<String> INFERENCE = List.of(
            "/chat/completions",
            "/completions",
            "/completion",
            "/responses",
            "/messages",
            "/embeddings",
            "/rerank",
            "/api/chat",
            "/api/generate",
            "/api/embed",
            "/generate",
            "/generate_stream",
            "/infill",
            "/invocations");

    private Heads() {}

    /** Whether this asks a model for something: what is measured. */
    static boolean isInference(HttpRequest request) {
        if (!request.method().equals(HttpMethod.POST)) {
            return false;
        }
        int query = request.uri().indexOf('?');
        String path = query < 0 ? request.uri() : request.uri().substring(0, query);
        return INFERENCE.stream().anyMatch(path::endsWith);
    }

    /** What is not relayed: a proxy of one server leads nowhere else. */
    static boolean isRefused(HttpRequest request) {
        return request.method().equals(HttpMethod.CONNECT);
    }

    /** Whether it asks to go on in WebSocket. HTTP/2 is offered by clients, not asked for: that offer ends here. */
    static boolean isUpgrade(HttpRequest request) {
        return request.headers().containsValue(HttpHeaderNames.UPGRADE, "websocket", true)
                && request.headers().containsValue(HttpHeaderNames.CONNECTION, "upgrade", true)
                && request.protocolVersion().equals(HttpVersion.HTTP_1_1);
    }

    static HttpRequest towardsUpstream(HttpRequest request, ProxyTarget target, String requestId) {
        HttpHeaders headers = onward(request.headers(), HttpUtil.isTransferEncodingChunked(request));
        // Servers that guard against DNS rebinding, as Ollama does, know themselves by their own address.
        headers.set(HttpHeaderNames.HOST, target.upstream().getRawAuthority());
        if (!headers.contains(REQUEST_ID)) {
            headers.set(REQUEST_ID, requestId);
        }
        if (isUpgrade(request)) {
            toWebSocket(headers);
        }
        String uri = target.prefix() + originForm(request.uri());
        return new DefaultHttpRequest(HttpVersion.HTTP_1_1, request.method(), uri, headers);
    }

    private static String originForm(String uri) {
        int scheme = uri.indexOf("://");
        if (uri.startsWith("/") || scheme < 0) {
            return uri;
        }
        int path = uri.indexOf('/', scheme + 3);
        return path < 0 ? "/" : uri.substring(path);
    }

    static HttpResponse towardsClient(HttpResponse answer, boolean isChunked) {
        return new DefaultHttpResponse(HttpVersion.HTTP_1_1, answer.status(), onward(answer.headers(), isChunked));
    }

    /** The head that ends HTTP on this connection. */
    static HttpResponse towardsWebSocket(HttpResponse answer) {
        HttpResponse head = towardsClient(answer, false);
        toWebSocket(head.headers());
        return head;
    }

    private static void toWebSocket(HttpHeaders headers) {
        headers.set(HttpHeaderNames.CONNECTION, "Upgrade").set(HttpHeaderNames.UPGRADE, "websocket");
    }

    private static HttpHeaders onward(HttpHeaders from, boolean isChunked) {
        HttpHeaders to =
                DefaultHttpHeadersFactory.headersFactory().withValidation(false).newHeaders();
        to.add(from);
        for (String named : from.getAll(HttpHeaderNames.CONNECTION)) {
            for (String each : named.split(",", -1)) {
                if (!each.isBlank()) {
                    to.remove(each.strip());
                }
            }
        }
        OF_ONE_CONNECTION.forEach(to::remove);
        if (isChunked) {
            to.set(HttpHeaderNames.TRANSFER_ENCODING, "chunked");
        }
        return to;
    }
}
