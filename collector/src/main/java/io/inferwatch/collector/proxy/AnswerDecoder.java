package io.inferwatch.collector.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponseDecoder;
import java.util.List;

/** Knows that the answer to HEAD has no body, whatever its head says, and leaves chunks in their frames where it may. */
final class AnswerDecoder extends HttpResponseDecoder {
    static final int LONGEST_HEAD_BYTES = 64 << 10;
    private static final int LARGEST_PART_BYTES = 64 << 10;

    private final ChunkFrames frames = new ChunkFrames();
    private boolean isToHead;

    AnswerDecoder() {
        super(config());
    }

    static HttpDecoderConfig config() {
        return new HttpDecoderConfig()
                .setMaxInitialLineLength(LONGEST_HEAD_BYTES)
                .setMaxHeaderSize(LONGEST_HEAD_BYTES)
                .setMaxChunkSize(LARGEST_PART_BYTES);
    }

    void answersHead(boolean isHead) {
        isToHead = isHead;
    }

    /** The chunks of the answer whose head came last are wanted as {@link FramedContent}. */
    void leaveFramed() {
        frames.begin();
    }

    /** The superclass stands before a chunk's size all the while frames pass: it goes on with the first that does not. */
    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        int passed = frames.isPassing() ? frames.pass(in) : 0;
        if (passed > 0) {
            out.add(new FramedContent(in.readRetainedSlice(passed), frames));
        } else if (frames.isBroken()) {
            in.skipBytes(in.readableBytes());
            out.add(broken());
        } else if (!frames.isPassing()) {
            super.decode(ctx, in, out);
        }
    }

    private static HttpContent broken() {
        HttpContent broken = new DefaultHttpContent(Unpooled.EMPTY_BUFFER);
        broken.setDecoderResult(DecoderResult.failure(new CorruptedFrameException("a chunk is longer than its size")));
        return broken;
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage message) {
        return isToHead || super.isContentAlwaysEmpty(message);
    }
}
