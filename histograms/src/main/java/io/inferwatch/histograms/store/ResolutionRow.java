package io.inferwatch.histograms.store;

import io.micronaut.data.annotation.Id;
import io.micronaut.data.annotation.MappedEntity;

/**
 * What is kept of one resolution.
 *
 * @param id {@link RowIds#stored}
 * @param keptFrom windows that start earlier are gone or about to be
 * @param liveBytes of all its block rows
 */
@MappedEntity("store_resolution")
record ResolutionRow(@Id int id, long keptFrom, long liveBytes) {}
