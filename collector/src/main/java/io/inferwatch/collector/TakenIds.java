package io.inferwatch.collector;

import io.inferwatch.collector.ids.IdHash;
import io.inferwatch.collector.ids.RecentIds;
import io.inferwatch.collector.payload.DamagedPayloadException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Reads the ids taken lately back out of the journal, newest record first, and no further than they matter. */
final class TakenIds {
    private final IdHash hash;
    private final int mostIds;
    private final long keptForMillis;
    private final BatchReader reader = new BatchReader();

    private long[] hashes = new long[256];
    private long[] takenEpochMillis = new long[256];
    private int size;

    TakenIds(IdHash hash, int mostIds, long keptForMillis) {
        this.hash = hash;
        this.mostIds = mostIds;
        this.keptForMillis = keptForMillis;
    }

    void restore(Journal journal, RecentIds into) {
        long oldestEpochMillis = journal.nowEpochMillis() - keptForMillis;
        journal.scanBackward((sequence, receivedEpochMillis, payload) -> {
            if (receivedEpochMillis < oldestEpochMillis) {
                return false;
            }
            read(receivedEpochMillis, payload);
            return size < mostIds;
        });
        for (int i = size - 1; i >= 0; i--) {
            into.add(hashes[i], takenEpochMillis[i]);
        }
    }

    private void read(long receivedEpochMillis, ByteBuffer payload) {
        try {
            reader.ids(payload, (id, attempt) -> keep(hash.of(id, attempt), receivedEpochMillis));
        } catch (DamagedPayloadException e) {
            // The tail meets the same record and counts it; here its ids are just not known.
        }
    }

    private void keep(long idHash, long receivedEpochMillis) {
        if (size == hashes.length) {
            hashes = Arrays.copyOf(hashes, size * 2);
            takenEpochMillis = Arrays.copyOf(takenEpochMillis, size * 2);
        }
        hashes[size] = idHash;
        takenEpochMillis[size++] = receivedEpochMillis;
    }
}
