package io.inferwatch.collector.push;

import io.inferwatch.collector.Measurement;

/**
 * A kind of record that can be pushed. Used by one thread at a time.
 *
 * @param <B> what the fields of a record are collected in
 */
interface RecordKind<B> {

    RecordSchema<B> schema();

    /** Empty, for the next record. */
    B begun(IntakeOptions options);

    /** What the fields amount to, once they are all there and have been held against each other. */
    Measurement finished(B fields, Arrival arrival, BodyTally tally) throws RefusedRecordException;
}
