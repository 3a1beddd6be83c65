package io.inferwatch.histograms.store;

/** The databases that serve. */
enum DatabaseKind {
    H2,
    POSTGRES;

    <T> T choose(T forH2, T forPostgres) {
        return switch (this) {
            case H2 -> forH2;
            case POSTGRES -> forPostgres;
        };
    }
}
