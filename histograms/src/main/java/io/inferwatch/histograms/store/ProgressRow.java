package io.inferwatch.histograms.store;

import io.micronaut.data.annotation.Id;
import io.micronaut.data.annotation.MappedEntity;

/** The one row that says how far the store has come. */
@MappedEntity("store_progress")
record ProgressRow(@Id int id, long checkpoint, long appliedThrough, long packedBelow, long rolledUpTo) {
    static final int ID = 1;
    static final ProgressRow EMPTY = new ProgressRow(ID, 0, 0, 0, 0);
}
