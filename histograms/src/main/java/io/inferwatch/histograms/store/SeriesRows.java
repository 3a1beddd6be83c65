package io.inferwatch.histograms.store;

import io.micronaut.data.annotation.Query;
import io.micronaut.data.jdbc.annotation.JdbcRepository;
import io.micronaut.data.model.query.builder.sql.Dialect;
import io.micronaut.data.repository.GenericRepository;
import java.util.Collection;
import java.util.List;

/** Rows of {@code series}. */
interface SeriesRows extends GenericRepository<SeriesRow, Integer> {
    List<SeriesRow> findAll();

    void saveAll(Iterable<SeriesRow> rows);

    void updateAll(Iterable<SeriesRow> rows);

    @Query("DELETE FROM series WHERE id IN (:ids)")
    void deleteByIdIn(Collection<Integer> ids);

    @JdbcRepository(dialect = Dialect.H2)
    interface H2 extends SeriesRows {}

    @JdbcRepository(dialect = Dialect.POSTGRES)
    interface Postgres extends SeriesRows {}
}
