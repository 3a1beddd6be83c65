package io.inferwatch.collector;

import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.collector.catalogue.MetricCatalogue;
import io.inferwatch.collector.payload.DamagedPayloadException;
import io.inferwatch.collector.payload.PayloadReader;
import io.inferwatch.collector.payload.TextCache;
import io.inferwatch.collector.payload.TextTable;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * The measurements of one payload, in the order in which they were added. {@link MeasurementBatch} draws the format.
 * Used by one thread.
 */
final class BatchReader {
    private static final RequestText[] TEXTS = RequestText.values();
    private static final RequestAmount[] AMOUNTS = RequestAmount.values();
    private static final int TEXTS_HEAD =
            MeasurementBatch.OBSERVER_MASK | MeasurementBatch.COST_USER_OTHER | (1 << RequestText.values().length) - 1;
    private static final Outcome[] OUTCOMES = Outcome.values();

    /** Sees the ids of a payload without the rest of it. */
    interface IdVisitor {
        void id(String id, int attempt);
    }

    private final PayloadReader in = new PayloadReader(new TextCache());
    private final RequestMeasurement.Builder request = new RequestMeasurement.Builder();
    private final List<String> dictionary = new ArrayList<>();
    private long baseEpochMillis;
    private int recordsLeft;
    private boolean isBackfill;

    /** Reads the head; {@link #recordsLeft} says how many times {@link #next} may be called. */
    void open(ByteBuffer payload) throws DamagedPayloadException {
        recordsLeft = 0;
        openAtDictionary(payload);
        readDictionary();
        recordsLeft = in.count(in.remaining() / MeasurementBatch.LENGTH_BYTES);
    }

    private void readDictionary() throws DamagedPayloadException {
        dictionary.clear();
        int dictionaryEnd = in.length() + in.position();
        while (in.position() < dictionaryEnd) {
            if (dictionary.size() == TextTable.MOST_TEXTS) {
                throw new DamagedPayloadException("a dictionary of more than " + TextTable.MOST_TEXTS + " texts");
            }
            dictionary.add(in.sharedText(in.length()));
        }
        in.position(dictionaryEnd);
    }

    /** Whether the measurements came by the path that touches no alert. */
    boolean isBackfill() {
        return isBackfill;
    }

    int recordsLeft() {
        return recordsLeft;
    }

    /** The next measurement. One that is damaged spoils itself alone, unless it runs over its end. */
    Measurement next() throws DamagedPayloadException {
        int end = nextRecordEnd();
        try {
            Measurement measurement = measurement(in.singleByte());
            if (in.position() != end) {
                throw new DamagedPayloadException("a record of another length than it says");
            }
            return measurement;
        } catch (DamagedPayloadException e) {
            if (in.position() > end) {
                recordsLeft = 0;
            } else {
                in.position(end);
            }
            throw e;
        }
    }

    /** Passes over the next measurement if it is a request. @return whether it was */
    boolean skipRequest() throws DamagedPayloadException {
        int before = in.position();
        int end = nextRecordEnd();
        boolean isRequest = in.position() < end && in.singleByte() == MeasurementBatch.KIND_REQUEST;
        if (isRequest) {
            in.position(end);
        } else {
            in.returnTo(before);
            recordsLeft++;
        }
        return isRequest;
    }

    /** Reads nothing but ids, cheaply: for the set of ids taken lately. */
    void ids(ByteBuffer payload, IdVisitor visitor) throws DamagedPayloadException {
        openAtDictionary(payload);
        int dictionaryStart = in.position();
        dictionary.clear();
        in.position(in.length() + in.position());
        recordsLeft = in.count(in.remaining() / MeasurementBatch.LENGTH_BYTES);
        while (recordsLeft > 0) {
            int end = nextRecordEnd();
            int kind = in.singleByte();
            if (kind == MeasurementBatch.KIND_REQUEST) {
                requestId(visitor);
            } else if (kind == MeasurementBatch.KIND_SAMPLE) {
                sampleId(dictionaryStart, visitor);
            }
            in.position(end);
        }
    }

    private void requestId(IdVisitor visitor) throws DamagedPayloadException {
        int head = in.singleByte();
        if ((head & MeasurementBatch.REQUEST_ID) != 0) {
            int attempt = in.count(Integer.MAX_VALUE);
            String id = in.text(in.length());
            if ((head & MeasurementBatch.REQUEST_OWN_TIME) != 0) {
                time();
            }
            visitor.id(observer(in.count(TEXTS_HEAD)).identity(id), attempt);
        }
    }

    /** Samples are few beside requests, so the dictionary is read when the first one needs it. */
    private void sampleId(int dictionaryStart, IdVisitor visitor) throws DamagedPayloadException {
        int start = in.position();
        if ((in.singleByte() & MeasurementBatch.SAMPLE_REQUEST_ID) == 0) {
            return;
        }
        if (dictionary.isEmpty()) {
            in.returnTo(dictionaryStart);
            readDictionary();
            in.position(start);
        } else {
            in.returnTo(start);
        }
        Optional<String> identity = sample().identity();
        if (identity.isPresent()) {
            visitor.id(identity.get(), MeasurementBatch.SAMPLE_ATTEMPT);
        }
    }

    private void openAtDictionary(ByteBuffer payload) throws DamagedPayloadException {
        in.open(payload);
        int format = in.singleByte();
        if (format != MeasurementBatch.FORMAT) {
            throw new DamagedPayloadException("payload format " + format + ", known is " + MeasurementBatch.FORMAT);
        }
        isBackfill = (in.singleByte() & MeasurementBatch.FLAG_BACKFILL) != 0;
        baseEpochMillis = in.varint();
    }

    private int nextRecordEnd() throws DamagedPayloadException {
        recordsLeft--;
        int length;
        try {
            length = in.singleByte() | in.singleByte() << 8 | in.singleByte() << 16;
        } catch (DamagedPayloadException e) {
            recordsLeft = 0;
            throw e;
        }
        if (length > in.remaining()) {
            recordsLeft = 0;
            throw new DamagedPayloadException("a record of " + length + " bytes, with " + in.remaining() + " left");
        }
        return in.position() + length;
    }

    private Measurement measurement(int kind) throws DamagedPayloadException {
        return switch (kind) {
            case MeasurementBatch.KIND_REQUEST -> request();
            case MeasurementBatch.KIND_SAMPLE -> sample();
            case MeasurementBatch.KIND_GPU -> gpu();
            case MeasurementBatch.KIND_GAP -> gap();
            case MeasurementBatch.KIND_BUCKETED -> bucketed();
            default -> throw new DamagedPayloadException("a measurement of unknown kind " + kind);
        };
    }

    private RequestMeasurement request() throws DamagedPayloadException {
        request.clear();
        int head = in.singleByte();
        int outcome = head & 7;
        if (outcome >= OUTCOMES.length) {
            throw new DamagedPayloadException("an outcome of unknown number " + outcome);
        }
        request.outcome(OUTCOMES[outcome]);
        int stream = head >> 3 & 3;
        if (stream != 0) {
            request.stream(stream == 2);
        }
        request.attempt(in.count(Integer.MAX_VALUE));
        if ((head & MeasurementBatch.REQUEST_ID) != 0) {
            request.id(in.text(in.length()));
        }
        if ((head & MeasurementBatch.REQUEST_OWN_TIME) != 0) {
            request.ownEpochMillis(time());
        }
        requestTexts();
        requestAmounts();
        if ((head & MeasurementBatch.REQUEST_EXTRAS) != 0) {
            request.extras(new RequestExtras(labels(), texts(), texts(), optionalText()));
        }
        if (!request.has(RequestText.MODEL)) {
            throw new DamagedPayloadException("a request without a model");
        }
        return request.build();
    }

    private void requestTexts() throws DamagedPayloadException {
        int head = in.count(TEXTS_HEAD);
        if ((head & MeasurementBatch.COST_USER_OTHER) != 0) {
            request.costUserOther();
        }
        request.observer(observer(head));
        int present = head & ~(MeasurementBatch.COST_USER_OTHER | MeasurementBatch.OBSERVER_MASK);
        if (present >>> TEXTS.length != 0) {
            throw new DamagedPayloadException("texts of unknown numbers: " + Integer.toBinaryString(present));
        }
        for (int rest = present; rest != 0; rest &= rest - 1) {
            request.text(TEXTS[Integer.numberOfTrailingZeros(rest)], text());
        }
    }

    private static Observer observer(int textsHead) {
        return Observer.ofCode((textsHead & MeasurementBatch.OBSERVER_MASK) >>> MeasurementBatch.OBSERVER_SHIFT);
    }

    private void requestAmounts() throws DamagedPayloadException {
        int present = in.count((1 << AMOUNTS.length) - 1);
        for (int rest = present; rest != 0; rest &= rest - 1) {
            RequestAmount amount = AMOUNTS[Integer.numberOfTrailingZeros(rest)];
            long steps = in.varint();
            if (steps < amount.steps().lowest() || steps > amount.steps().highest()) {
                throw new DamagedPayloadException(amount.field() + " of " + steps + " steps is out of its bounds");
            }
            request.amount(amount, steps);
        }
    }

    private SampleMeasurement sample() throws DamagedPayloadException {
        int head = in.singleByte();
        Metric metric = metric();
        LabelSet labels = LabelSet.of(labels());
        long value = in.signedVarint();
        if (value < 0 && !metric.signed()) {
            throw new DamagedPayloadException(metric.name() + " takes no negative value, but holds " + value);
        }
        OptionalLong time =
                (head & MeasurementBatch.SAMPLE_OWN_TIME) != 0 ? OptionalLong.of(time()) : OptionalLong.empty();
        Optional<String> requestId = textIf(head, MeasurementBatch.SAMPLE_REQUEST_ID);
        OptionalLong rate =
                (head & MeasurementBatch.SAMPLE_RATE) != 0 ? OptionalLong.of(in.varint()) : OptionalLong.empty();
        Optional<String> evaluator = textIf(head, MeasurementBatch.SAMPLE_EVALUATOR);
        Optional<String> version = textIf(head, MeasurementBatch.SAMPLE_EVALUATOR_VERSION);
        long weight = (head & MeasurementBatch.SAMPLE_WEIGHT) != 0 ? in.varint() : 1;
        if (weight < 1) {
            throw new DamagedPayloadException(metric.name() + " with a weight of " + weight);
        }
        SampleMeasurement.Origin origin =
                (head & ~(MeasurementBatch.SAMPLE_OWN_TIME | MeasurementBatch.SAMPLE_WEIGHT)) == 0
                        ? SampleMeasurement.Origin.UNKNOWN
                        : new SampleMeasurement.Origin(requestId, rate, evaluator, version);
        return new SampleMeasurement(metric, labels, value, weight, time, origin);
    }

    private GpuMeasurement gpu() throws DamagedPayloadException {
        int index = in.count(Integer.MAX_VALUE);
        String uuid = text();
        long epochMillis = time();
        int metrics = in.count(in.remaining());
        List<GpuMeasurement.Values> values = new ArrayList<>();
        for (int i = 0; i < metrics; i++) {
            Metric metric = metric();
            LabelSet labels = gpuLabels();
            long[] scaled = new long[in.count(in.remaining())];
            for (int j = 0; j < scaled.length; j++) {
                scaled[j] = in.signedVarint();
            }
            values.add(new GpuMeasurement.Values(metric, labels, scaled));
        }
        return new GpuMeasurement(index, uuid, epochMillis, values);
    }

    private LabelSet gpuLabels() throws DamagedPayloadException {
        int form = in.count(in.remaining());
        if (form <= 1) {
            return form == 0 ? LabelSet.EMPTY : LabelSet.of(GpuMeasurement.SOURCE, text());
        }
        Map<String, String> labels = new LinkedHashMap<>();
        for (int i = 1; i < form; i++) {
            labels.put(text(), text());
        }
        return LabelSet.of(labels);
    }

    private BucketedMeasurement bucketed() throws DamagedPayloadException {
        Metric metric = metric();
        LabelSet labels = LabelSet.of(labels());
        long epochMillis = time();
        double[] bounds = new double[in.count(Math.min(Buckets.MOST_BOUNDS, in.remaining() / Double.BYTES))];
        for (int i = 0; i < bounds.length; i++) {
            bounds[i] = in.number();
        }
        long[] counts = new long[bounds.length + 1];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = in.varint();
        }
        OptionalDouble sum = in.count(1) == 1 ? OptionalDouble.of(in.number()) : OptionalDouble.empty();
        try {
            return new BucketedMeasurement(metric, labels, epochMillis, new Buckets(bounds, counts, sum));
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new DamagedPayloadException(metric.name() + ": " + e.getMessage());
        }
    }

    private SourceGap gap() throws DamagedPayloadException {
        String source = text();
        Instant from = Instant.ofEpochMilli(time());
        Instant to = Instant.ofEpochMilli(time());
        return new SourceGap(source, from, to, text());
    }

    private long time() throws DamagedPayloadException {
        return baseEpochMillis + in.signedVarint();
    }

    private Metric metric() throws DamagedPayloadException {
        String name = text();
        Optional<Metric> metric = MetricCatalogue.find(name);
        if (metric.isEmpty()) {
            throw new DamagedPayloadException("metric \"" + name + "\" is not in the catalogue");
        }
        return metric.get();
    }

    private Map<String, String> labels() throws DamagedPayloadException {
        int count = in.count(in.remaining());
        if (count == 0) {
            return Map.of();
        }
        Map<String, String> labels = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            labels.put(text(), text());
        }
        return labels;
    }

    private List<String> texts() throws DamagedPayloadException {
        int count = in.count(in.remaining());
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            texts.add(text());
        }
        return texts;
    }

    private Optional<String> textIf(int head, int bit) throws DamagedPayloadException {
        return (head & bit) != 0 ? Optional.of(text()) : Optional.empty();
    }

    private Optional<String> optionalText() throws DamagedPayloadException {
        return in.count(1) == 1 ? Optional.of(text()) : Optional.empty();
    }

    private String text() throws DamagedPayloadException {
        long reference = in.varint();
        if ((reference & 1) != 0) {
            long length = reference >>> 1;
            return in.text((int) Math.min(length, Integer.MAX_VALUE));
        }
        long number = reference >>> 1;
        if (number >= dictionary.size()) {
            throw new DamagedPayloadException("dictionary number " + number + " of " + dictionary.size());
        }
        return dictionary.get((int) number);
    }
}
