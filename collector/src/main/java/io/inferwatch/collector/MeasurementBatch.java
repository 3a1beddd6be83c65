package io.inferwatch.collector;

import io.inferwatch.collector.ids.IdHash;
import io.inferwatch.collector.payload.PayloadWriter;
import io.inferwatch.collector.payload.TextTable;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Measurements on their way into one journal record, already in their binary form; nothing outside sees them before
 * {@link Collector#append}. Made by {@link Collector#newBatch}, used again after {@link #clear}, by one thread at a
 * time.
 *
 * <p>The payload, version 1. {@code v} is a varint (LEB128), {@code z} a signed one (zigzag), {@code t} a text: {@code v}
 * whose lowest bit says whether the rest is a length in bytes of UTF-8 that follows (1) or a dictionary number (0).
 *
 * <pre>
 * 1  format: 1
 * 1  flags: bit 0 backfill
 * v  base time, epoch ms
 * v  length of the dictionary in bytes, then that many bytes:
 *      v length, UTF-8       for each text, numbered from 0
 * v  number of records, then each:
 *      3  length in bytes, little endian, then that many bytes:
 *
 * request   1  kind: 1
 *           1  bits 0–2 outcome · 3–4 stream: 0 unsaid, 1 no, 2 yes · 5 own time · 6 extras · 7 id
 *           v  attempt
 *           v  length, UTF-8                      id                    only with bit 7
 *           z  own time − base, ms                                      only with bit 5
 *           v  texts present, bit n for the n-th of RequestText         then t each
 *              bit 24: its cost is that of the user "other" · bits 25–26 the observer
 *           v  amounts present, bit n for the n-th of RequestAmount     then v each
 *           v  labels, then t t each · v flags, then t each · v GPUs, then t each · v params 0|1, then t
 *                                                                       only with bit 6
 * sample    1  kind: 2
 *           1  bits 0 own time · 1 request id · 2 sampling rate · 3 evaluator · 4 evaluator version · 5 weight
 *           t  metric · v labels, then t t each · z value in steps
 *           z  own time − base · t request id · v 10⁻⁹ · t · t · v      each only with its bit
 * gpu       1  kind: 3
 *           v  index · t UUID · z time − base
 *           v  metrics, then each: t metric · v labels: 0 none, 1 a source, then t, else n + 1, then t t each
 *                                  · v samples, then z each
 * gap       1  kind: 4
 *           t  source · z from − base · z to − base · t cause
 * bucketed  1  kind: 5
 *           t  metric · v labels, then t t each · z time − base
 *           v  bounds, then 8 each: IEEE double, little endian · v count for each and one more
 *           1  sum: 0 unknown, 1 an IEEE double follows
 * </pre>
 */
public final class MeasurementBatch {
    static final int FORMAT = 1;
    static final int FLAG_BACKFILL = 1;
    static final int KIND_REQUEST = 1;
    static final int KIND_SAMPLE = 2;
    static final int KIND_GPU = 3;
    static final int KIND_GAP = 4;
    static final int KIND_BUCKETED = 5;
    static final int LENGTH_BYTES = 3;
    static final int REQUEST_OWN_TIME = 1 << 5;
    static final int REQUEST_EXTRAS = 1 << 6;
    static final int REQUEST_ID = 1 << 7;
    /** Keeps the ids of samples apart from those of requests, whose attempts count from 1. */
    static final int SAMPLE_ATTEMPT = 0;

    static final int COST_USER_OTHER = 1 << 24;
    static final int OBSERVER_SHIFT = 25;
    static final int OBSERVER_MASK = 3 << OBSERVER_SHIFT;
    static final int SAMPLE_OWN_TIME = 1;
    static final int SAMPLE_REQUEST_ID = 1 << 1;
    static final int SAMPLE_RATE = 1 << 2;
    static final int SAMPLE_EVALUATOR = 1 << 3;
    static final int SAMPLE_EVALUATOR_VERSION = 1 << 4;
    static final int SAMPLE_WEIGHT = 1 << 5;

    /** Batches of a few records a second keep their memory, the rare big one gives it back. */
    private static final int MOST_BYTES_KEPT = 1 << 19;

    private static final RequestText[] TEXTS = RequestText.values();

    private final IdHash hash;
    private final TextTable dictionary = new TextTable();
    private final PayloadWriter records = new PayloadWriter();
    private final PayloadWriter payload = new PayloadWriter();
    private final BatchIds ids = new BatchIds();
    private final RequestCosts costs;
    private final @Nullable CostUsers costUsers;
    /** The positions of requests without a time per output token. */
    private final BitSet withoutTpot = new BitSet();

    private long baseEpochMillis;
    private boolean backfill;

    /** @param costUsers {@code null} where cost has no label {@code user} */
    MeasurementBatch(IdHash hash, RequestCosts costs, @Nullable CostUsers costUsers) {
        this.hash = hash;
        this.costs = costs;
        this.costUsers = costUsers;
    }

    /**
     * Empties it for the next measurements.
     *
     * @param newBaseEpochMillis about now: times are kept relative to it
     * @param isBackfill whether the measurements come by the path that touches no alert
     */
    public MeasurementBatch clear(long newBaseEpochMillis, boolean isBackfill) {
        baseEpochMillis = newBaseEpochMillis;
        backfill = isBackfill;
        dictionary.clear(MOST_BYTES_KEPT);
        records.clear(MOST_BYTES_KEPT);
        payload.clear(MOST_BYTES_KEPT);
        ids.clear();
        costs.clear();
        withoutTpot.clear();
        return this;
    }

    /** How many measurements are in it, those of them included whose id occurs twice. */
    public int size() {
        return ids.size();
    }

    public void add(Measurement measurement) {
        int start = records.size();
        records.singleByte(0);
        records.singleByte(0);
        records.singleByte(0);
        switch (measurement) {
            case RequestMeasurement request -> {
                withoutTpot.set(size(), !request.has(RequestAmount.TPOT));
                request(request);
            }
            case SampleMeasurement sample -> sample(sample);
            case GpuMeasurement gpu -> gpu(gpu);
            case BucketedMeasurement bucketed -> bucketed(bucketed);
            case SourceGap gap -> gap(gap);
        }
        int length = records.size() - start - LENGTH_BYTES;
        byte[] bytes = records.array();
        bytes[start] = (byte) length;
        bytes[start + 1] = (byte) (length >>> 8);
        bytes[start + 2] = (byte) (length >>> 16);
        addId(start, measurement);
    }

    private void addId(int start, Measurement measurement) {
        Optional<String> sampleId =
                measurement instanceof SampleMeasurement sample ? sample.identity() : Optional.empty();
        if (measurement instanceof RequestMeasurement request && request.id().isPresent()) {
            ids.add(start, hash.of(request.observer().identity(request.id().get()), request.attempt()));
        } else if (sampleId.isPresent()) {
            ids.add(start, hash.of(sampleId.get(), SAMPLE_ATTEMPT));
        } else {
            ids.addWithout(start);
        }
    }

    BatchIds ids() {
        return ids;
    }

    /** How many of its requests have no time per output token, those left out aside. */
    int countWithoutTpot(BitSet dropped) {
        BitSet counted = (BitSet) withoutTpot.clone();
        counted.andNot(dropped);
        return counted.cardinality();
    }

    RequestCosts costs() {
        return costs;
    }

    /**
     * The bytes to journal, valid until the next call.
     *
     * @param dropped the positions that are left out
     */
    ByteBuffer payload(BitSet dropped) {
        payload.clear(MOST_BYTES_KEPT);
        payload.singleByte(FORMAT);
        payload.singleByte(backfill ? FLAG_BACKFILL : 0);
        payload.varint(baseEpochMillis);
        payload.varint(dictionary.texts().size());
        payload.raw(dictionary.texts().array(), 0, dictionary.texts().size());
        payload.varint(size() - dropped.cardinality());
        for (int kept = dropped.nextClearBit(0); kept < size(); ) {
            int end = dropped.nextSetBit(kept);
            int last = end < 0 ? size() : end;
            int from = ids.start(kept);
            int to = last == size() ? records.size() : ids.start(last);
            payload.raw(records.array(), from, to - from);
            kept = dropped.nextClearBit(last);
        }
        return ByteBuffer.wrap(payload.array(), 0, payload.size());
    }

    private void request(RequestMeasurement request) {
        boolean ownTime = request.ownEpochMillis().isPresent();
        boolean extras = !request.extras().isEmpty();
        String id = request.idOrNull();
        int stream = request.stream().map(isStream -> isStream ? 2 : 1).orElse(0);
        records.singleByte(KIND_REQUEST);
        records.singleByte(request.outcome().code()
                | stream << 3
                | (ownTime ? REQUEST_OWN_TIME : 0)
                | (extras ? REQUEST_EXTRAS : 0)
                | (id != null ? REQUEST_ID : 0));
        records.varint(request.attempt());
        if (id != null) {
            int length = PayloadWriter.utf8Bytes(id);
            records.varint(length);
            records.utf8(id, length);
        }
        if (ownTime) {
            records.signedVarint(request.ownEpochMillis().getAsLong() - baseEpochMillis);
        }
        long costNanodollars = costs.nanodollars(request, size());
        requestTexts(request, costNanodollars);
        requestAmounts(request, costNanodollars);
        if (extras) {
            extras(request.extras());
        }
    }

    private void requestAmounts(RequestMeasurement request, long costNanodollars) {
        int cost = RequestAmount.COST.bit();
        int present = request.amountsPresent() | (costNanodollars == RequestCosts.UNKNOWN ? 0 : 1 << cost);
        records.varint(present);
        for (int rest = present; rest != 0; rest &= rest - 1) {
            int bit = Integer.numberOfTrailingZeros(rest);
            records.varint(bit == cost ? costNanodollars : request.amountSteps(bit));
        }
    }

    private void requestTexts(RequestMeasurement request, long costNanodollars) {
        int present = 0;
        for (int i = 0; i < TEXTS.length; i++) {
            present |= request.textOrNull(i) == null ? 0 : 1 << i;
        }
        present |= isCostUserOther(request, costNanodollars) ? COST_USER_OTHER : 0;
        present |= request.observer().code() << OBSERVER_SHIFT;
        records.varint(present);
        for (int i = 0; i < TEXTS.length; i++) {
            String text = request.textOrNull(i);
            if (text != null) {
                if (TEXTS[i].isRecurring()) {
                    text(text);
                } else {
                    inline(text);
                }
            }
        }
    }

    private boolean isCostUserOther(RequestMeasurement request, long costNanodollars) {
        String user = request.textOrNull(RequestText.USER.bit());
        if (costUsers == null || user == null || costNanodollars == RequestCosts.UNKNOWN) {
            return false;
        }
        return backfill ? costUsers.isOther(user) : costUsers.isOther(user, costNanodollars, baseEpochMillis);
    }

    private void extras(RequestExtras extras) {
        labels(extras.labels());
        records.varint(extras.safetyFlags().size());
        extras.safetyFlags().forEach(this::text);
        records.varint(extras.gpuUuids().size());
        extras.gpuUuids().forEach(this::text);
        optional(extras.paramsJson());
    }

    private void sample(SampleMeasurement sample) {
        SampleMeasurement.Origin origin = sample.origin();
        records.singleByte(KIND_SAMPLE);
        records.singleByte((sample.ownEpochMillis().isPresent() ? SAMPLE_OWN_TIME : 0)
                | (origin.requestId().isPresent() ? SAMPLE_REQUEST_ID : 0)
                | (origin.samplingRateNanos().isPresent() ? SAMPLE_RATE : 0)
                | (origin.evaluator().isPresent() ? SAMPLE_EVALUATOR : 0)
                | (origin.evaluatorVersion().isPresent() ? SAMPLE_EVALUATOR_VERSION : 0)
                | (sample.weight() > 1 ? SAMPLE_WEIGHT : 0));
        text(sample.metric().name());
        labels(sample.labels().asMap());
        records.signedVarint(sample.scaledValue());
        sample.ownEpochMillis().ifPresent(time -> records.signedVarint(time - baseEpochMillis));
        origin.requestId().ifPresent(this::inline);
        origin.samplingRateNanos().ifPresent(records::varint);
        origin.evaluator().ifPresent(this::text);
        origin.evaluatorVersion().ifPresent(this::text);
        if (sample.weight() > 1) {
            records.varint(sample.weight());
        }
    }

    private void bucketed(BucketedMeasurement bucketed) {
        Buckets added = bucketed.added();
        records.singleByte(KIND_BUCKETED);
        text(bucketed.metric().name());
        labels(bucketed.labels().asMap());
        records.signedVarint(bucketed.epochMillis() - baseEpochMillis);
        records.varint(added.boundCount());
        for (int i = 0; i < added.boundCount(); i++) {
            records.number(added.boundAt(i));
        }
        for (int i = 0; i <= added.boundCount(); i++) {
            records.varint(added.countAt(i));
        }
        records.singleByte(added.sum().isPresent() ? 1 : 0);
        added.sum().ifPresent(records::number);
    }

    private void gpu(GpuMeasurement gpu) {
        records.singleByte(KIND_GPU);
        records.varint(gpu.index());
        text(gpu.uuid());
        records.signedVarint(gpu.epochMillis() - baseEpochMillis);
        records.varint(gpu.values().size());
        for (GpuMeasurement.Values values : gpu.values()) {
            text(values.metric().name());
            gpuLabels(values.labels());
            records.varint(values.count());
            for (int i = 0; i < values.count(); i++) {
                records.signedVarint(values.scaledAt(i));
            }
        }
    }

    private void gpuLabels(LabelSet labels) {
        Optional<String> source = labels.get(GpuMeasurement.SOURCE);
        if (labels.size() == 1 && source.isPresent()) {
            optional(source);
        } else {
            records.varint(labels.isEmpty() ? 0 : labels.size() + 1L);
            labels.asMap().forEach((name, value) -> {
                text(name);
                text(value);
            });
        }
    }

    private void gap(SourceGap gap) {
        records.singleByte(KIND_GAP);
        text(gap.source());
        records.signedVarint(gap.from().toEpochMilli() - baseEpochMillis);
        records.signedVarint(gap.to().toEpochMilli() - baseEpochMillis);
        inline(gap.cause());
    }

    private void labels(Map<String, String> labels) {
        records.varint(labels.size());
        labels.forEach((name, value) -> {
            text(name);
            text(value);
        });
    }

    private void optional(Optional<String> text) {
        records.varint(text.isPresent() ? 1 : 0);
        text.ifPresent(this::text);
    }

    private void text(String text) {
        int number = dictionary.numberOf(text);
        if (number >= 0) {
            records.varint((long) number << 1);
        } else {
            inline(text);
        }
    }

    private void inline(String text) {
        int length = PayloadWriter.utf8Bytes(text);
        records.varint((long) length << 1 | 1);
        records.utf8(text, length);
    }
}
