package io.inferwatch.histograms.store;

import io.micronaut.transaction.TransactionDefinition;

/** The databases that serve. */
enum DatabaseKind {
    H2,
    POSTGRES;

    /**
     * The isolation in which all reads of a transaction see one moment of all tables. Under REPEATABLE READ H2 fixes each
     * table when it is first read (SessionLocal.startStatementWithinTransaction, 2.3.232), so that rows moved from one to
     * another in between are seen twice; PostgreSQL fixes all of them with the first statement.
     */
    TransactionDefinition.Isolation oneMoment() {
        return choose(TransactionDefinition.Isolation.SERIALIZABLE, TransactionDefinition.Isolation.REPEATABLE_READ);
    }

    <T> T choose(T forH2, T forPostgres) {
        return switch (this) {
            case H2 -> forH2;
            case POSTGRES -> forPostgres;
        };
    }
}
