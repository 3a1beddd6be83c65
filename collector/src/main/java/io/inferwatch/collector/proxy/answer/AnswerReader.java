package io.inferwatch.collector.proxy.answer;

import io.inferwatch.collector.RequestAmount;
import io.inferwatch.collector.RequestMeasurement;
import java.util.Optional;

/**
 * Reads the body of an answer as it comes: when its first and last tokens came, how many tokens it says it has, how it
 * ended. Understands what OpenAI-compatible servers, Anthropic's messages, Ollama, TGI and llama.cpp send. One thread.
 */
public final class AnswerReader {
    private static final long NANOS_PER_MICRO = 1_000;

    private final Splitter splitter;
    private final boolean isStream;
    private final AnswerFields fields = new AnswerFields();
    private final JsonScan scan = new JsonScan(fields::scalar);
    private long nowNanos;
    private boolean hasToken;
    private boolean hasContent;
    private long firstTokenNanos;
    private long firstContentNanos;
    private long lastTokenNanos;
    private long chunks;
    private final GapCounts gaps = new GapCounts();

    public AnswerReader(AnswerForm form) {
        Splitter.Events events = new Splitter.Events() {
            @Override
            public void data(byte[] bytes, int from, int to) {
                scan.feed(bytes, from, to);
            }

            @Override
            public void end() {
                endEvent();
            }
        };
        this.isStream = form.isStream();
        this.splitter = switch (form) {
            case EVENTS -> new SseSplitter(events);
            case LINES -> new LineSplitter(events);
            case WHOLE, UNREAD -> new WholeBody(events);
        };
    }

    /**
     * Takes what one read of the socket brought.
     *
     * @param nanos when it was read, by the clock of every other time of this request
     */
    public void feed(byte[] bytes, long nanos) {
        nowNanos = nanos;
        splitter.feed(bytes, 0, bytes.length);
    }

    /** The body is at its end. */
    public void finish() {
        splitter.finish();
    }

    /** How many events carried a token. */
    public long chunks() {
        return chunks;
    }

    /** The times between events that carried a token, each event one, however many tokens it had; empty of what is no stream. */
    public GapCounts gaps() {
        return gaps;
    }

    /** Whether the server said in the middle of a stream that it failed. */
    public boolean isError() {
        return fields.isError();
    }

    public Optional<String> model() {
        return fields.model();
    }

    /**
     * Says what was read, where it is known.
     *
     * @param receivedNanos when the request was received in full
     */
    public void tell(RequestMeasurement.Builder into, long receivedNanos) {
        fields.tell(into);
        if (!isStream || !hasToken) {
            return;
        }
        into.amount(RequestAmount.TTFT, micros(firstTokenNanos - receivedNanos));
        if (hasContent) {
            into.amount(RequestAmount.CONTENT_TTFT, micros(firstContentNanos - receivedNanos));
        }
        long tokens = into.has(RequestAmount.OUTPUT_TOKENS) ? into.steps(RequestAmount.OUTPUT_TOKENS) : 0;
        if (tokens >= 2) {
            long decodeMicros = micros(lastTokenNanos - firstTokenNanos);
            into.amount(RequestAmount.TPOT, (decodeMicros + (tokens - 1) / 2) / (tokens - 1));
        }
    }

    /** In µs, to the nearest. */
    static long micros(long nanos) {
        return Math.clamp(
                (nanos + NANOS_PER_MICRO / 2) / NANOS_PER_MICRO, 0, RequestAmount.Steps.MICROSECONDS.highest());
    }

    private void endEvent() {
        scan.end();
        scan.clear();
        AnswerFields.Token token = fields.endEvent();
        if (token == AnswerFields.Token.NONE) {
            return;
        }
        chunks++;
        if (hasToken && isStream) {
            gaps.add(micros(nowNanos - lastTokenNanos));
        }
        lastTokenNanos = nowNanos;
        if (!hasToken) {
            hasToken = true;
            firstTokenNanos = nowNanos;
        }
        if (token == AnswerFields.Token.CONTENT && !hasContent) {
            hasContent = true;
            firstContentNanos = nowNanos;
        }
    }
}
