package io.inferwatch.collector.proxy;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;

/** Knows that the answer to HEAD has no body, whatever its head says, and lets through what is framed already. */
final class AnswerEncoder extends HttpResponseEncoder {
    private boolean isToHead;

    void answersHead(boolean isHead) {
        isToHead = isHead;
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // The promise tells the writer.
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) throws Exception {
        if (message instanceof FramedContent framed) {
            ctx.write(framed.content(), promise);
        } else {
            super.write(ctx, message, promise);
        }
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpResponse answer) {
        return isToHead || super.isContentAlwaysEmpty(answer);
    }
}
