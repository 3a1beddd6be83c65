package io.inferwatch.collector.proxy;

import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponseDecoder;

/** Knows that the answer to HEAD has no body, whatever its head says. */
final class AnswerDecoder extends HttpResponseDecoder {
    static final int LONGEST_HEAD_BYTES = 64 << 10;
    private static final int LARGEST_PART_BYTES = 64 << 10;

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

    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage message) {
        return isToHead || super.isContentAlwaysEmpty(message);
    }
}
