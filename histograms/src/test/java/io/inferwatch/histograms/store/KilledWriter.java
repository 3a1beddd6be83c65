package io.inferwatch.histograms.store;

import static io.inferwatch.histograms.store.WindowStoreContract.T0;
import static io.inferwatch.histograms.store.WindowStoreContract.TEN_SECONDS;
import static io.inferwatch.histograms.store.WindowStoreContract.TTFT_A;
import static io.inferwatch.histograms.store.WindowStoreContract.whole;

import io.inferwatch.histograms.WindowBatch;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/** Writes one window a record, goes on from the checkpoint, packs now and then, and says what is committed. */
final class KilledWriter {
    private KilledWriter() {}

    public static void main(String[] args) {
        Database database = Database.open(
                        StoreConfig.DEFAULT, "", Path.of(args[0]), InstantSource.fixed(Instant.ofEpochMilli(T0)))
                .database();
        JdbcWindowStore store = new JdbcWindowStore(database, StoreConfig.DEFAULT);
        for (long record = Math.max(1, store.recover().checkpoint()); ; record++) {
            long start = T0 + (record - 1) * TEN_SECONDS;
            store.write(new WindowBatch(List.of(whole(TTFT_A, start, record, record)), record + 1));
            System.out.println("committed " + record);
            if (record % 7 == 0) {
                store.maintain(start);
            }
        }
    }
}
