package io.inferwatch.histograms.store;

import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init")
class H2WindowStoreTest extends WindowStoreContract {
    @TempDir
    Path folder;

    @Override
    Database open() {
        return Database.open(StoreConfig.DEFAULT, "", folder, InstantSource.fixed(Instant.ofEpochMilli(T0)))
                .database();
    }

    @Override
    void abandonDatabase() {}
}
