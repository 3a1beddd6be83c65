package io.inferwatch.collector.proxy;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.function.LongSupplier;

/** First in a pipeline: knows when the last read of the socket brought something, before anything was made of it. */
final class ReadClock extends ChannelInboundHandlerAdapter {
    private final LongSupplier clock;
    private long nanos;

    ReadClock(LongSupplier clock) {
        this.clock = clock;
    }

    long nanos() {
        return nanos;
    }

    /** Now; for what no read brought. */
    long now() {
        return clock.getAsLong();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        nanos = clock.getAsLong();
        ctx.fireChannelRead(message);
    }
}
