package io.inferwatch.collector;

/** How far a journal goes: what whoever follows it has to know besides its records. Any thread. */
public interface JournalEnd {
    /** The number of the newest record; 0 when there never was one. */
    long lastSequence();

    /** When the newest record was received; 0 when there is none. */
    long lastReceivedEpochMillis();

    /** The number of the oldest record received at or after this moment; one past the last when there is none. */
    long firstSequenceReceivedSince(long epochMillis);
}
