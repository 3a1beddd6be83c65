package io.inferwatch.collector.proxy;

import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;

/** Knows that the answer to HEAD has no body, whatever its head says. */
final class AnswerEncoder extends HttpResponseEncoder {
    private boolean isToHead;

    void answersHead(boolean isHead) {
        isToHead = isHead;
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpResponse answer) {
        return isToHead || super.isContentAlwaysEmpty(answer);
    }
}
