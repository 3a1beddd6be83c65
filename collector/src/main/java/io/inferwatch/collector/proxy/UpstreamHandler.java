package io.inferwatch.collector.proxy;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/** One connection to the model server: serves one client's request, rests, serves another. On its event loop. */
final class UpstreamHandler extends ChannelInboundHandlerAdapter {
    private static final int SWITCHING_PROTOCOLS = 101;

    private final Channel channel;
    private final Upstreams home;
    private final ReadClock clock;
    private final AnswerDecoder decoder;
    private @Nullable ClientHandler client;
    private boolean isInterim;
    private boolean isReusable;
    private long turn;

    UpstreamHandler(Channel channel, Upstreams home, ReadClock clock, AnswerDecoder decoder) {
        this.channel = channel;
        this.home = home;
        this.clock = clock;
        this.decoder = decoder;
    }

    boolean isActive() {
        return channel.isActive();
    }

    boolean isWritable() {
        return channel.isWritable();
    }

    /** Rises with every request. */
    long turn() {
        return turn;
    }

    void serve(ClientHandler newClient, boolean isHead) {
        client = newClient;
        turn++;
        isInterim = false;
        isReusable = false;
        decoder.answersHead(isHead);
        readOn(true);
    }

    /** The chunks of the answer that has begun may stay in their frames. */
    void leaveFramed() {
        decoder.leaveFramed();
    }

    void write(HttpObject object) {
        Wire.write(channel, object);
    }

    void flush() {
        channel.flush();
    }

    void readOn(boolean isWanted) {
        channel.config().setAutoRead(isWanted);
    }

    /**
     * The client has its answer.
     *
     * @param isRequestWhole whether the server has taken the whole request
     */
    void release(boolean isRequestWhole) {
        client = null;
        readOn(true);
        if (isReusable && isRequestWhole && channel.isActive()) {
            home.rest(this, channel);
        } else {
            Wire.close(channel);
        }
    }

    /** The client wants no answer any more: the server is to stop working for it. */
    void abandon() {
        client = null;
        Wire.close(channel);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ClientHandler served = client;
        if (served == null || !(message instanceof HttpObject object)) {
            ReferenceCountUtil.release(message);
            Wire.close(ctx.channel());
            return;
        }
        if (object.decoderResult().isFailure()) {
            ReferenceCountUtil.release(message);
            abandon();
            served.upstreamFailed("sent what is no HTTP");
            return;
        }
        if (object instanceof HttpResponse head && head.status().code() == SWITCHING_PROTOCOLS) {
            client = null;
            served.upgraded(head, channel);
            return;
        }
        if (object instanceof HttpResponse head) {
            isInterim = head.status().codeClass() == HttpStatusClass.INFORMATIONAL;
            isReusable = HttpUtil.isKeepAlive(head) && (HttpUtil.isContentLengthSet(head) || isSelfDelimiting(head));
            served.head(head, isInterim);
        }
        if (object instanceof HttpContent content) {
            served.body(content, clock.nanos(), content instanceof LastHttpContent, isInterim);
        }
    }

    private static boolean isSelfDelimiting(HttpResponse head) {
        int status = head.status().code();
        return HttpUtil.isTransferEncodingChunked(head) || status == 204 || status == 304;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ClientHandler served = client;
        if (served != null) {
            served.flush();
        }
        ctx.fireChannelReadComplete();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        ClientHandler served = client;
        if (served != null) {
            served.upstreamTakes(ctx.channel().isWritable());
        }
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        ClientHandler served = client;
        client = null;
        if (served == null) {
            home.gone(this, ctx.channel().eventLoop());
        } else {
            served.upstreamFailed("hung up before its answer was complete");
        }
        ctx.fireChannelInactive();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        ClientHandler served = client;
        if (event instanceof IdleStateEvent && served != null) {
            abandon();
            served.upstreamTimedOut();
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ClientHandler served = client;
        abandon();
        if (served != null) {
            served.upstreamFailed("cannot be talked to: " + cause);
        }
    }
}
