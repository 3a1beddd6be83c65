package io.inferwatch.collector.push;

import com.fasterxml.jackson.core.JsonToken;
import io.inferwatch.collector.BatchOutcome;
import io.inferwatch.collector.Collector;
import io.inferwatch.collector.MeasurementBatch;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipException;

/**
 * One body at a time, from its bytes to a batch in the journal. Everything it needs is made once and used again.
 *
 * @param <B> what the fields of a record are collected in
 */
final class BodyParser<B> {
    /** The most records of a body. */
    static final int MOST_RECORDS = 10_000;

    /** No window is kept longer, so no event of use can be older. */
    private static final Duration LONGEST_KEPT = Duration.ofDays(400);

    private final Collector collector;
    private final RecordKind<B> kind;
    private final IntakeCounters counters;
    private final MeasurementBatch batch;
    private final RecordSplitter splitter = new RecordSplitter();
    private final RecordTokens tokens = new RecordTokens();
    private final FieldReader reader = new FieldReader(tokens);
    private final BodyTally tally = new BodyTally();
    private final List<String> unknownFields = new ArrayList<>();

    BodyParser(Collector collector, RecordKind<B> kind, IntakeCounters counters) {
        this.collector = collector;
        this.kind = kind;
        this.counters = counters;
        this.batch = collector.newBatch();
    }

    IntakeOutcome accept(InputStream body, BodyFormat format, IntakeOptions options) throws IOException {
        splitter.open(body, format);
        try {
            IntakeOutcome outcome = collector.isOverloaded() ? busy() : parsed(format, options);
            splitter.dropRest();
            return outcome;
        } catch (ZipException | EOFException e) {
            counters.bodyRefused();
            return new IntakeOutcome.Malformed("the compressed body is damaged: " + e.getMessage(), 1, 1);
        } finally {
            splitter.close();
        }
    }

    private IntakeOutcome busy() {
        counters.bodyRefused();
        return new IntakeOutcome.Busy(Duration.ofSeconds(1));
    }

    private IntakeOutcome parsed(BodyFormat format, IntakeOptions options) throws IOException {
        tally.clear();
        long nowEpochMillis = collector.nowEpochMillis();
        batch.clear(nowEpochMillis, options.backfill());
        Arrival arrival = new Arrival(
                nowEpochMillis,
                options.backfill() ? LONGEST_KEPT : collector.config().maxLateness());
        for (long records = 0; ; records++) {
            RecordSplitter.Next next = splitter.next();
            if (records == MOST_RECORDS && next != RecordSplitter.Next.END) {
                return tooLarge("more than " + MOST_RECORDS + " records; send several bodies");
            }
            switch (next) {
                case RECORD -> {
                    Optional<IntakeOutcome> refused = record(format, options, arrival);
                    if (refused.isPresent()) {
                        return refused.get();
                    }
                }
                case OVERSIZED_RECORD ->
                    tally.reject(
                            splitter.number(),
                            Optional.empty(),
                            Rejection.TOO_LARGE,
                            "the record takes more than " + RecordSplitter.MOST_RECORD_BYTES
                                    + " bytes; send less in it");
                case BROKEN -> {
                    return malformed(splitter.brokenDetail(), splitter.line(), splitter.column());
                }
                case BODY_TOO_LARGE -> {
                    return tooLarge("more than " + RecordSplitter.MOST_BODY_BYTES + " bytes; send several bodies");
                }
                case END -> {
                    return journalled();
                }
            }
        }
    }

    private IntakeOutcome malformed(String detail, long line, long column) {
        counters.bodyRefused();
        return new IntakeOutcome.Malformed(detail, line, column);
    }

    private IntakeOutcome tooLarge(String detail) {
        counters.bodyRefused();
        return new IntakeOutcome.TooLarge(detail);
    }

    private IntakeOutcome journalled() {
        String durability = collector.isStrict() ? "strict" : "process";
        if (batch.size() == 0) {
            counters.add(tally, 0, 0);
            IntakeReport report = tally.report(0, 0, durability);
            return tally.rejected() > 0 ? new IntakeOutcome.AllRejected(report) : new IntakeOutcome.Accepted(report);
        }
        return switch (collector.append(batch)) {
            case BatchOutcome.Taken(int accepted, int duplicates) -> {
                counters.add(tally, accepted, duplicates);
                yield new IntakeOutcome.Accepted(tally.report(accepted, duplicates, durability));
            }
            case BatchOutcome.Busy(Duration retryAfter) -> {
                counters.bodyRefused();
                yield new IntakeOutcome.Busy(retryAfter);
            }
            case BatchOutcome.Failed(String reason, Duration retryAfter) -> {
                counters.bodyRefused();
                yield new IntakeOutcome.Unavailable(reason, retryAfter);
            }
        };
    }

    /** @return why the whole body is refused, where it is */
    private Optional<IntakeOutcome> record(BodyFormat format, IntakeOptions options, Arrival arrival) {
        try {
            checkBytes();
            read(options, arrival);
        } catch (RefusedRecordException e) {
            tally.reject(splitter.number(), e.field(), e.rejection(), e.told());
        } catch (MalformedRecordException e) {
            tokens.startOver();
            if (format == BodyFormat.JSON) {
                return Optional.of(malformedAt(e));
            }
            tally.reject(splitter.number(), Optional.empty(), Rejection.MALFORMED, "the line is no JSON: " + e.told());
        }
        return Optional.empty();
    }

    private void checkBytes() throws MalformedRecordException {
        int invalid = Utf8.firstInvalid(splitter.buffer(), splitter.from(), splitter.to());
        if (invalid < splitter.to()) {
            throw new MalformedRecordException(
                    "byte 0x" + Integer.toHexString(splitter.buffer()[invalid] & 0xFF) + " is no UTF-8",
                    invalid - splitter.from());
        }
    }

    private void read(IntakeOptions options, Arrival arrival) throws RefusedRecordException, MalformedRecordException {
        if (!RecordTokens.isObject(splitter.buffer(), splitter.from(), splitter.to())) {
            RecordTokens.checkOther(splitter.buffer(), splitter.from(), splitter.to());
            throw new RefusedRecordException(
                    Rejection.WRONG_TYPE, Optional.empty(), "the record is no JSON object; give one, in { }");
        }
        tokens.open(splitter.buffer(), splitter.from(), splitter.to());
        unknownFields.clear();
        try {
            tokens.next();
            B fields = kind.begun(options);
            fields(options, fields);
            tokens.close();
            batch.add(kind.finished(fields, arrival, tally));
        } catch (RefusedRecordException e) {
            tokens.drain();
            throw e;
        }
        unknownFields.forEach(this::warn);
    }

    private void fields(IntakeOptions options, B into) throws RefusedRecordException, MalformedRecordException {
        long seen = 0;
        while (tokens.next() != JsonToken.END_OBJECT) {
            String name = tokens.name();
            RecordSchema.Field<B> field = kind.schema().field(name);
            JsonToken value = tokens.next();
            if (field == null) {
                if (options.strict()) {
                    throw new RefusedRecordException(Rejection.UNKNOWN_FIELD, name, unknown(name));
                }
                unknownFields.add(name);
                tokens.skipValue();
                continue;
            }
            if ((seen & field.bit()) != 0) {
                throw new RefusedRecordException(
                        Rejection.DUPLICATE_FIELD, name, name + " is there twice; give it once");
            }
            seen |= field.bit();
            if (value != JsonToken.VALUE_NULL) {
                field.taking().take(name, reader, into);
            }
        }
    }

    private void warn(String field) {
        if (tally.tellsWarnings()) {
            tally.warn(splitter.number(), field, unknown(field));
        } else {
            tally.countWarning();
        }
    }

    private String unknown(String field) {
        return "unknown field \"" + FieldReader.cut(field) + "\""
                + kind.schema()
                        .nearestName(field)
                        .map(near -> "; did you mean \"" + near + "\"?")
                        .orElse("");
    }

    private IntakeOutcome malformedAt(MalformedRecordException e) {
        byte[] bytes = splitter.buffer();
        long line = splitter.line();
        long column = splitter.column();
        for (int i = splitter.from(); i < splitter.from() + e.offset(); i++) {
            line += bytes[i] == '\n' ? 1 : 0;
            column = bytes[i] == '\n' ? 1 : column + 1;
        }
        return malformed(e.told(), line, column);
    }
}
