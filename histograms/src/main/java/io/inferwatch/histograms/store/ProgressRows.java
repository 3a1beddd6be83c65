package io.inferwatch.histograms.store;

import io.micronaut.data.jdbc.annotation.JdbcRepository;
import io.micronaut.data.model.query.builder.sql.Dialect;
import io.micronaut.data.repository.GenericRepository;
import java.util.Optional;

/** The row of {@code store_progress}. */
interface ProgressRows extends GenericRepository<ProgressRow, Integer> {
    Optional<ProgressRow> findById(int id);

    void save(ProgressRow row);

    void update(ProgressRow row);

    @JdbcRepository(dialect = Dialect.H2)
    interface H2 extends ProgressRows {}

    @JdbcRepository(dialect = Dialect.POSTGRES)
    interface Postgres extends ProgressRows {}
}
