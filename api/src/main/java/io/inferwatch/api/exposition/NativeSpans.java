package io.inferwatch.api.exposition;

import io.prometheus.metrics.model.snapshots.NativeHistogramBuckets;
import java.util.ArrayList;
import java.util.List;

/**
 * Native buckets as Prometheus sends them: runs of neighbouring buckets, each told by its distance to the end of the run
 * before (the first by its index), and every count as its difference to the count before.
 */
final class NativeSpans {
    private final List<Span> spans;
    private final long[] deltas;

    private NativeSpans(List<Span> spans, long[] deltas) {
        this.spans = List.copyOf(spans);
        this.deltas = deltas;
    }

    /** @param offset to the end of the span before */
    record Span(int offset, int length) {}

    /** @param buckets by ascending index; empty ones are left out */
    static NativeSpans of(NativeHistogramBuckets buckets) {
        List<Span> spans = new ArrayList<>();
        long[] deltas = new long[buckets.size()];
        int end = 0;
        int length = 0;
        int start = 0;
        long before = 0;
        for (int i = 0; i < buckets.size(); i++) {
            int index = buckets.getBucketIndex(i);
            if (length == 0 || index != start + length) {
                if (length > 0) {
                    spans.add(new Span(start - end, length));
                    end = start + length;
                }
                start = index;
                length = 0;
            }
            length++;
            deltas[i] = buckets.getCount(i) - before;
            before = buckets.getCount(i);
        }
        if (length > 0) {
            spans.add(new Span(start - end, length));
        }
        return new NativeSpans(spans, deltas);
    }

    boolean isEmpty() {
        return spans.isEmpty();
    }

    /** Not to be written to. */
    long[] deltas() {
        return deltas;
    }

    /** Writes the spans under a field, each a message of offset (1) and length (2). */
    void writeSpans(ProtobufWriter to, int field) {
        for (Span span : spans) {
            to.message(field, new ProtobufWriter().zigzag(1, span.offset()).varint(2, span.length()));
        }
    }
}
