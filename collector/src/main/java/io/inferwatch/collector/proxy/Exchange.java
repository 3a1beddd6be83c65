package io.inferwatch.collector.proxy;

import io.inferwatch.collector.proxy.answer.AnswerForm;
import io.inferwatch.collector.proxy.answer.AnswerReader;
import io.inferwatch.collector.proxy.answer.RequestReader;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer. The first half belongs to the event loop that relays it, the second to the thread that reads
 * along; what the loop writes it writes before it hands over the part that needs it.
 */
final class Exchange {
    final String server;
    final long begunNanos;
    final HttpHeaders requestHeaders;
    final String requestId;
    /** When its last byte was read; until then when its head was. */
    long receivedNanos;

    int status;

    @Nullable HttpHeaders answerHeaders;

    AnswerForm form = AnswerForm.UNREAD;
    /** A part of it found no room: what the rest says would be wrong. */
    volatile boolean isLost;

    final RequestReader request = new RequestReader();

    @Nullable AnswerReader answer;

    Exchange(String server, long begunNanos, HttpHeaders requestHeaders, String requestId) {
        this.server = server;
        this.begunNanos = begunNanos;
        this.receivedNanos = begunNanos;
        this.requestHeaders = requestHeaders;
        this.requestId = requestId;
    }

    /** Whether what comes of the answer's body is of use. */
    boolean isRead() {
        return !isLost && form != AnswerForm.UNREAD;
    }

    void answered(int newStatus, HttpHeaders headers) {
        status = newStatus;
        answerHeaders = headers;
        boolean isPlain =
                !headers.contains("content-encoding") || "identity".equalsIgnoreCase(headers.get("content-encoding"));
        form = isPlain ? AnswerForm.of(headers.get("content-type", "")) : AnswerForm.UNREAD;
    }
}
