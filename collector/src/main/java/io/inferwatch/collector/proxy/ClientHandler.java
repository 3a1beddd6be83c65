package io.inferwatch.collector.proxy;

import io.inferwatch.collector.Outcome;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a client: relays its requests one after another. What it sends while it cannot go on is held, at most what
 * one read brought, and no more is read. On its event loop.
 */
final class ClientHandler extends ChannelInboundHandlerAdapter implements Upstreams.Asker {
    private enum State {
        BETWEEN,
        CONNECTING,
        RELAYING,
        CLOSING
    }

    private final Channel channel;
    private final Relay relay;
    private final Upstreams upstreams;
    private final ReadClock clock;
    private final AnswerEncoder encoder;
    private final Deque<HttpObject> held = new ArrayDeque<>();
    private State state = State.BETWEEN;
    private @Nullable HttpRequest asked;
    private @Nullable Exchange exchange;
    private @Nullable UpstreamHandler upstream;
    private boolean isHead;
    private boolean isOldClient;
    private boolean isKeptAlive;
    private boolean isRequestWhole;
    private boolean isAnswerBegun;
    private boolean isUpgrade;

    ClientHandler(Channel channel, Relay relay, Upstreams upstreams, ReadClock clock, AnswerEncoder encoder) {
        this.channel = channel;
        this.relay = relay;
        this.upstreams = upstreams;
        this.clock = clock;
        this.encoder = encoder;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (state == State.CLOSING || !(message instanceof HttpObject object)) {
            ReferenceCountUtil.release(message);
        } else if (state == State.CONNECTING || (state == State.RELAYING && isRequestWhole)) {
            held.addLast(object);
            channel.config().setAutoRead(false);
        } else {
            take(object);
        }
    }

    private void take(HttpObject object) {
        if (object.decoderResult().isFailure()) {
            ReferenceCountUtil.release(object);
            fail(HttpResponseStatus.BAD_REQUEST, "this is no HTTP request that can be relayed", null);
        } else if (object instanceof HttpRequest request) {
            begin(request);
        } else if (object instanceof HttpContent content) {
            send(content);
        } else {
            ReferenceCountUtil.release(object);
        }
    }

    private void begin(HttpRequest request) {
        isHead = request.method().equals(HttpMethod.HEAD);
        isOldClient = request.protocolVersion().compareTo(HttpVersion.HTTP_1_1) < 0;
        isKeptAlive = HttpUtil.isKeepAlive(request);
        isRequestWhole = false;
        isAnswerBegun = false;
        isUpgrade = Heads.isUpgrade(request);
        encoder.answersHead(isHead);
        if (Heads.isRefused(request)) {
            fail(
                    HttpResponseStatus.NOT_IMPLEMENTED,
                    "CONNECT is not relayed; this is a proxy of one model server",
                    null);
            return;
        }
        String requestId = Relay.idOf(request);
        exchange = relay.begun(request, requestId, clock.nanos());
        asked = Heads.towardsUpstream(request, relay.target(), requestId);
        state = State.CONNECTING;
        upstreams.ask(channel.eventLoop(), this);
    }

    @Override
    public void connected(UpstreamHandler connected) {
        HttpRequest request = asked;
        asked = null;
        if (request == null || !channel.isActive()) {
            connected.abandon();
            return;
        }
        state = State.RELAYING;
        upstream = connected;
        connected.serve(this, isHead);
        connected.write(request);
        goOn();
        connected.flush();
    }

    @Override
    public void notConnected(Throwable cause) {
        boolean isTimeout = cause instanceof ConnectTimeoutException;
        fail(
                isTimeout ? HttpResponseStatus.GATEWAY_TIMEOUT : HttpResponseStatus.BAD_GATEWAY,
                "the model server at " + relay.target().upstream() + " takes no connection: " + cause.getMessage(),
                isTimeout ? Outcome.TIMEOUT : Outcome.ERROR);
    }

    /** Takes what was held, as far as it goes, and reads again when nothing is left. */
    private void goOn() {
        while (!held.isEmpty() && (state == State.BETWEEN || (state == State.RELAYING && !isRequestWhole))) {
            take(held.removeFirst());
        }
        if (held.isEmpty() && state != State.CONNECTING) {
            channel.config().setAutoRead(true);
        }
    }

    private void send(HttpContent content) {
        UpstreamHandler to = upstream;
        if (to == null || state != State.RELAYING) {
            content.release();
            return;
        }
        Exchange measured = exchange;
        if (measured != null && !measured.isLost && content.content().isReadable()) {
            relay.telemetry().offer(new Note.RequestPart(measured, ByteBufUtil.getBytes(content.content())));
        }
        if (content instanceof LastHttpContent) {
            isRequestWhole = true;
            if (measured != null) {
                measured.receivedNanos = clock.nanos();
            }
        }
        to.write(content);
        if (!to.isWritable()) {
            channel.config().setAutoRead(false);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        UpstreamHandler to = upstream;
        if (to != null) {
            to.flush();
        }
        ctx.fireChannelReadComplete();
    }

    /** The server takes more of the request, or for now no more. */
    void upstreamTakes(boolean isWritable) {
        channel.config().setAutoRead(isWritable && held.isEmpty());
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        UpstreamHandler from = upstream;
        if (from != null) {
            from.readOn(ctx.channel().isWritable());
        }
        ctx.fireChannelWritabilityChanged();
    }

    /** @param isInterim whether the answer itself is still to come, as after 100 */
    void head(HttpResponse head, boolean isInterim) {
        if (isInterim) {
            if (!isOldClient) {
                Wire.write(channel, Heads.towardsClient(head, false));
            }
            return;
        }
        boolean isMarked = HttpUtil.isContentLengthSet(head) && !HttpUtil.isTransferEncodingChunked(head);
        int status = head.status().code();
        boolean hasBody = !isHead && status != 204 && status != 304;
        boolean wantsChunks = hasBody ? !isMarked : HttpUtil.isTransferEncodingChunked(head);
        boolean isChunked = wantsChunks && !isOldClient;
        boolean isEndMarked = !isOldClient || isMarked || !hasBody;
        isKeptAlive = isKeptAlive && isEndMarked && !relay.isDraining();
        HttpResponse answer = Heads.towardsClient(head, isChunked);
        if (!isKeptAlive) {
            answer.headers().set(HttpHeaderNames.CONNECTION, "close");
        } else if (isOldClient) {
            answer.headers().set(HttpHeaderNames.CONNECTION, "keep-alive");
        }
        isAnswerBegun = true;
        if (exchange != null) {
            exchange.answered(status, head.headers());
        }
        Wire.write(channel, answer);
        // What takes the chunk that only tells the tokens out of a stream looks into the chunks.
        boolean mayStayFramed = isChunked && hasBody && !relay.target().injectsUsage();
        if (mayStayFramed && HttpUtil.isTransferEncodingChunked(head) && upstream != null) {
            upstream.leaveFramed();
        }
    }

    /** The server goes on in another protocol: from here on the two connections are none of this handler's. */
    void upgraded(HttpResponse head, Channel server) {
        upstream = null;
        if (!isUpgrade || !held.isEmpty()) {
            Wire.close(server);
            upstreamFailed("changes to a protocol that was not asked for");
            return;
        }
        state = State.CLOSING;
        end(null, clock.now());
        Tunnel.join(channel, server, Heads.towardsWebSocket(head));
    }

    /** @param nanos when it was read */
    void body(HttpContent content, long nanos, boolean isLast, boolean isInterim) {
        if (isInterim) {
            relayInterim(content);
            return;
        }
        Exchange measured = exchange;
        if (measured != null && measured.isRead() && content.content().isReadable()) {
            byte[] data =
                    content instanceof FramedContent framed ? framed.data() : ByteBufUtil.getBytes(content.content());
            relay.telemetry().offer(new Note.AnswerPart(measured, data, nanos));
        }
        Wire.write(channel, content);
        if (isLast) {
            answered(nanos);
        } else if (!channel.isWritable() && upstream != null) {
            upstream.readOn(false);
        }
    }

    private void relayInterim(HttpContent content) {
        if (isOldClient) {
            content.release();
        } else {
            Wire.write(channel, content);
            channel.flush();
        }
    }

    private void answered(long nanos) {
        end(null, nanos);
        UpstreamHandler from = upstream;
        upstream = null;
        if (from != null) {
            from.release(isRequestWhole);
        }
        if (isKeptAlive && isRequestWhole && !relay.isDraining()) {
            channel.flush();
            state = State.BETWEEN;
            goOn();
        } else {
            state = State.CLOSING;
            Wire.writeAndClose(channel, Unpooled.EMPTY_BUFFER);
        }
    }

    void flush() {
        channel.flush();
    }

    void upstreamFailed(String how) {
        upstream = null;
        fail(
                HttpResponseStatus.BAD_GATEWAY,
                "the model server at " + relay.target().upstream() + " " + how,
                Outcome.ERROR);
    }

    void upstreamTimedOut() {
        upstream = null;
        fail(
                HttpResponseStatus.GATEWAY_TIMEOUT,
                "the model server at " + relay.target().upstream() + " said nothing for too long",
                Outcome.TIMEOUT);
    }

    /** Ends what is under way: by an answer of the proxy's own, or, where the server's has begun, by hanging up as it did. */
    private void fail(HttpResponseStatus status, String why, @Nullable Outcome outcome) {
        asked = null;
        state = State.CLOSING;
        if (isAnswerBegun) {
            end(outcome, clock.now());
            channel.flush();
            Wire.close(channel);
            return;
        }
        if (exchange != null) {
            exchange.status = status.code();
        }
        end(outcome, clock.now());
        channel.config().setAutoRead(true);
        Wire.writeAndClose(channel, problem(status, why));
    }

    /** In the form that clients of such servers read errors in. */
    private static DefaultFullHttpResponse problem(HttpResponseStatus status, String why) {
        String told = why.replace("\\", "\\\\").replace("\"", "\\\"").replaceAll("\\p{Cntrl}", " ");
        String json = "{\"error\":{\"message\":\"inferwatch proxy: " + told + "\",\"type\":\"proxy_error\",\"code\":"
                + status.code() + "}}\n";
        ByteBuf body = Unpooled.copiedBuffer(json, StandardCharsets.UTF_8);
        DefaultFullHttpResponse answer = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, body);
        answer.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "application/json")
                .set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes())
                .set(HttpHeaderNames.CONNECTION, "close");
        return answer;
    }

    private void end(@Nullable Outcome outcome, long nanos) {
        Exchange measured = exchange;
        exchange = null;
        if (measured != null) {
            relay.ended(measured, new Note.Ended(measured, outcome, nanos));
        }
    }

    /** Whether a drain may close it. */
    boolean isAtRest() {
        return state == State.BETWEEN;
    }

    /** It is hung up on before its answer is whole; that was neither its wish nor the server's. */
    void cut() {
        end(Outcome.ERROR, clock.now());
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        state = State.CLOSING;
        asked = null;
        held.forEach(ReferenceCountUtil::release);
        held.clear();
        end(Outcome.CLIENT_ABORT, clock.now());
        UpstreamHandler from = upstream;
        upstream = null;
        if (from != null) {
            from.abandon();
        }
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // A client that resets its connection; what is under way ends as it becomes inactive.
        Wire.close(ctx.channel());
    }
}
