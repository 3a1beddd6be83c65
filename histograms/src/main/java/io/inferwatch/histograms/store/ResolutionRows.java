package io.inferwatch.histograms.store;

import io.micronaut.data.jdbc.annotation.JdbcRepository;
import io.micronaut.data.model.query.builder.sql.Dialect;
import io.micronaut.data.repository.GenericRepository;
import java.util.List;

/** Rows of {@code store_resolution}. */
interface ResolutionRows extends GenericRepository<ResolutionRow, Integer> {
    List<ResolutionRow> findAll();

    void save(ResolutionRow row);

    void update(ResolutionRow row);

    @JdbcRepository(dialect = Dialect.H2)
    interface H2 extends ResolutionRows {}

    @JdbcRepository(dialect = Dialect.POSTGRES)
    interface Postgres extends ResolutionRows {}
}
