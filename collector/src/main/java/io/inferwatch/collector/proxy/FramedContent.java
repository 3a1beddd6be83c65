package io.inferwatch.collector.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.DefaultHttpContent;

/** Chunks of an answer in the frames that the model server gave them: they go on as they are. Until the next is read. */
final class FramedContent extends DefaultHttpContent {
    private final ChunkFrames frames;

    FramedContent(ByteBuf chunks, ChunkFrames frames) {
        super(chunks);
        this.frames = frames;
    }

    /** What is in the frames. */
    byte[] data() {
        return frames.dataOf(content());
    }
}
