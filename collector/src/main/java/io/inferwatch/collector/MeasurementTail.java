package io.inferwatch.collector;

/** The journal read in order by one thread, from a sequence number on. */
public interface MeasurementTail extends AutoCloseable {

    /** Hands the next record to the sink. {@code false} when there is none yet. */
    boolean poll(ObservationSink sink);

    /** The number of the last record handed on; one below the first when none was. */
    long lastSequence();

    @Override
    void close();
}
