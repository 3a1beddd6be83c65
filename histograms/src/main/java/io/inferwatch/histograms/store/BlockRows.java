package io.inferwatch.histograms.store;

import io.micronaut.core.annotation.Introspected;
import io.micronaut.data.annotation.Query;
import io.micronaut.data.jdbc.annotation.JdbcRepository;
import io.micronaut.data.model.query.builder.sql.Dialect;
import io.micronaut.data.repository.GenericRepository;
import java.util.Collection;
import java.util.List;

/** Rows of {@code window_block}. */
interface BlockRows extends GenericRepository<BlockRow, Long> {

    /** A row's number without its data. */
    @Introspected
    record Applied(long id, long appliedThrough) {}

    List<BlockRow> findByIdIn(Collection<Long> ids);

    @Query("SELECT id, applied_through FROM window_block WHERE id IN (:ids)")
    List<Applied> appliedOf(Collection<Long> ids);

    void saveAll(Iterable<BlockRow> rows);

    void updateAll(Iterable<BlockRow> rows);

    @Query("SELECT COALESCE(MIN(id), -1) FROM window_block WHERE id >= :from AND id < :to")
    long firstIdBetween(long from, long to);

    @Query("SELECT COALESCE(SUM(OCTET_LENGTH(data)), 0) FROM window_block WHERE id >= :from AND id < :to")
    long bytesBetween(long from, long to);

    @Query("SELECT id, applied_through, data FROM window_block WHERE id >= :from AND id < :to ORDER BY id LIMIT 32")
    List<BlockRow> first32Between(long from, long to);

    @Query("DELETE FROM window_block WHERE id IN (:ids)")
    void deleteByIdIn(Collection<Long> ids);

    @Query("DELETE FROM window_block WHERE id >= :from AND id < :to")
    void deleteBetween(long from, long to);

    @JdbcRepository(dialect = Dialect.H2)
    interface H2 extends BlockRows {}

    @JdbcRepository(dialect = Dialect.POSTGRES)
    interface Postgres extends BlockRows {}
}
