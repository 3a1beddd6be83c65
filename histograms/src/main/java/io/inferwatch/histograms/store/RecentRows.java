package io.inferwatch.histograms.store;

import io.micronaut.core.annotation.Introspected;
import io.micronaut.data.annotation.Query;
import io.micronaut.data.jdbc.annotation.JdbcRepository;
import io.micronaut.data.model.query.builder.sql.Dialect;
import io.micronaut.data.repository.GenericRepository;
import java.util.Collection;
import java.util.List;

/** Rows of {@code window_recent}. The SQL dialect is an annotation value, hence an interface a database. */
interface RecentRows extends GenericRepository<RecentRow, Long> {

    /** A row's number without its data. */
    @Introspected
    record Applied(long id, long appliedThrough) {}

    List<RecentRow> findByIdIn(Collection<Long> ids);

    @Query("SELECT id, applied_through FROM window_recent")
    List<Applied> applied();

    void saveAll(Iterable<RecentRow> rows);

    void updateAll(Iterable<RecentRow> rows);

    @Query("DELETE FROM window_recent WHERE id IN (:ids)")
    void deleteByIdIn(Collection<Long> ids);

    @JdbcRepository(dialect = Dialect.H2)
    interface H2 extends RecentRows {}

    @JdbcRepository(dialect = Dialect.POSTGRES)
    interface Postgres extends RecentRows {}
}
