package io.inferwatch.collector.scrape.page;

import io.inferwatch.collector.protobuf.ProtobufReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A histogram message, classic or native. A native one has no list of bounds: bucket {@code i} of schema {@code s} ends at
 * {@code 2^(i·2^−s)}, and only buckets with observations are told, in spans. It becomes a list of bounds like any other:
 * those around the buckets told. Negative observations, which no latency has, make it unusable and are refused.
 */
final class ProtobufHistogram {
    private static final int MOST_BUCKETS = 1_024;
    private static final int COARSEST_SCHEMA = -4;
    private static final int FINEST_SCHEMA = 8;

    private record SpanOf(long offset, long length) {}

    private final BucketDraft classic = new BucketDraft();
    private final List<SpanOf> spans = new ArrayList<>();
    private final List<Long> counts = new ArrayList<>();
    private boolean hasClassic;
    private boolean hasFloatCounts;
    private boolean hasNegative;
    private boolean hasSchema;
    private long schema;
    private double zeroThreshold;
    private long zeroCount;
    private double count;
    private double sum = Double.NaN;
    private OptionalDouble created = OptionalDouble.empty();
    private long delta;

    private ProtobufHistogram() {}

    static Optional<BucketSeries> read(ProtobufReader<MalformedPageException> message, Map<String, String> labels)
            throws MalformedPageException {
        ProtobufHistogram histogram = new ProtobufHistogram();
        while (message.next()) {
            histogram.field(message);
        }
        return histogram.finish(labels);
    }

    private void field(ProtobufReader<MalformedPageException> message) throws MalformedPageException {
        switch (message.field()) {
            case 1 -> count = message.varint();
            case 2 -> sum = message.real();
            case 3 -> bucket(message.message());
            case 5 -> {
                schema = message.signed();
                hasSchema = true;
            }
            case 6 -> zeroThreshold = message.real();
            case 7 -> zeroCount = message.varint();
            case 9 -> {
                message.skip();
                hasNegative = true;
            }
            case 12 -> span(message.message());
            case 13 -> deltas(message);
            case 14 -> {
                message.skip();
                hasFloatCounts = true;
            }
            case 15 -> created = OptionalDouble.of(ProtobufPage.seconds(message.message()));
            default -> message.skip();
        }
    }

    private void bucket(ProtobufReader<MalformedPageException> bucket) throws MalformedPageException {
        double upper = Double.NaN;
        double cumulative = 0;
        while (bucket.next()) {
            switch (bucket.field()) {
                case 1 -> cumulative = bucket.varint();
                case 2 -> upper = bucket.real();
                case 4 -> cumulative = bucket.real();
                default -> bucket.skip();
            }
        }
        String problem = classic.bucket(upper, cumulative).orElse("");
        if (!problem.isEmpty()) {
            throw new MalformedPageException("has " + problem);
        }
        hasClassic = true;
    }

    private void span(ProtobufReader<MalformedPageException> span) throws MalformedPageException {
        long offset = 0;
        long length = 0;
        while (span.next()) {
            switch (span.field()) {
                case 1 -> offset = span.signed();
                case 2 -> length = span.varint();
                default -> span.skip();
            }
        }
        spans.add(new SpanOf(offset, length));
        if (spans.size() > MOST_BUCKETS || length < 0 || length > MOST_BUCKETS) {
            throw new MalformedPageException("has a native histogram of more than " + MOST_BUCKETS + " buckets");
        }
    }

    private void deltas(ProtobufReader<MalformedPageException> message) throws MalformedPageException {
        if (message.isDelimited()) {
            ProtobufReader<MalformedPageException> packed = message.message();
            while (packed.hasMore()) {
                delta(ProtobufReader.unfolded(packed.varintAlone()));
            }
        } else {
            delta(message.signed());
        }
    }

    private void delta(long more) throws MalformedPageException {
        delta += more;
        if (delta < 0 || counts.size() == MOST_BUCKETS) {
            throw new MalformedPageException("has native buckets that are wrong or more than " + MOST_BUCKETS);
        }
        counts.add(delta);
    }

    private Optional<BucketSeries> finish(Map<String, String> labels) throws MalformedPageException {
        boolean isNative = hasSchema && !hasFloatCounts && (!spans.isEmpty() || zeroCount > 0 || !hasClassic);
        BucketDraft draft = isNative ? nativeBuckets() : classic;
        draft.count(count);
        draft.sum(sum);
        return draft.finish(labels)
                .map(series -> created.isPresent() ? series.createdAt(created.getAsDouble()) : series);
    }

    private BucketDraft nativeBuckets() throws MalformedPageException {
        if (hasNegative || schema < COARSEST_SCHEMA || schema > FINEST_SCHEMA) {
            throw new MalformedPageException(
                    hasNegative ? "has a native histogram of negative values" : "has a native schema of " + schema);
        }
        BucketDraft draft = new BucketDraft();
        long cumulative = zeroCount;
        put(draft, zeroThreshold, cumulative);
        long index = 0;
        int next = 0;
        long before = Long.MIN_VALUE;
        for (SpanOf span : spans) {
            index += span.offset;
            for (long i = 0; i < span.length && next < counts.size(); i++) {
                if (index - 1 != before && upper(index - 1) > zeroThreshold) {
                    put(draft, upper(index - 1), cumulative);
                }
                cumulative += counts.get(next++);
                put(draft, upper(index), cumulative);
                before = index++;
            }
        }
        return draft;
    }

    private static void put(BucketDraft draft, double upper, long cumulative) throws MalformedPageException {
        String problem = draft.bucket(upper, (double) cumulative).orElse("");
        if (!problem.isEmpty()) {
            throw new MalformedPageException("has " + problem);
        }
    }

    private double upper(long index) {
        return Math.pow(2, index * Math.pow(2, (double) -schema));
    }
}
