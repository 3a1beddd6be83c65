package io.inferwatch.collector.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.ReferenceCountUtil;

/** One end of two connections that speak WebSocket by now: passes bytes on as they come, unread. On the event loop of both. */
final class Tunnel extends ChannelInboundHandlerAdapter {
    private final Channel other;

    private Tunnel(Channel other) {
        this.other = other;
    }

    /**
     * Takes HTTP off both connections.
     *
     * @param head the server's 101, as the client is to see it
     */
    static void join(Channel client, Channel server, HttpResponse head) {
        Wire.write(client, head);
        client.flush();
        client.pipeline().replace(ClientHandler.class, "tunnel", new Tunnel(server));
        server.pipeline().replace(UpstreamHandler.class, "tunnel", new Tunnel(client));
        client.pipeline().remove(AnswerEncoder.class);
        server.pipeline().remove(HttpRequestEncoder.class);
        removeInjector(client.pipeline());
        // The decoders last: what they have read already comes out of them as bytes.
        client.pipeline().remove(HttpRequestDecoder.class);
        server.pipeline().remove(AnswerDecoder.class);
        client.config().setAutoRead(true);
        server.config().setAutoRead(true);
    }

    private static void removeInjector(ChannelPipeline pipeline) {
        UsageInjector injector = pipeline.get(UsageInjector.class);
        if (injector != null) {
            pipeline.remove(injector);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof ByteBuf)) {
            // The end of the head's empty body.
            ReferenceCountUtil.release(message);
            return;
        }
        Wire.write(other, message);
        if (!other.isWritable()) {
            ctx.channel().config().setAutoRead(false);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        other.flush();
        ctx.fireChannelReadComplete();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        other.config().setAutoRead(ctx.channel().isWritable());
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        Wire.writeAndClose(other, Unpooled.EMPTY_BUFFER);
        ctx.fireChannelInactive();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof IdleStateEvent) {
            Wire.close(ctx.channel());
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        Wire.close(ctx.channel());
    }
}
