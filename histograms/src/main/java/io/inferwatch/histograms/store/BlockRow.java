package io.inferwatch.histograms.store;

import io.micronaut.data.annotation.Id;
import io.micronaut.data.annotation.MappedEntity;

/**
 * The windows of one series, one hour and one resolution.
 *
 * @param id {@link RowIds#block}
 * @param appliedThrough the highest of the windows that were packed into it; below the checkpoint of that moment, so
 *     that whatever comes later for it carries a higher one
 * @param data {@link Block}
 */
@SuppressWarnings("ArrayRecordComponent") // a row as the driver gives it; never compared
@MappedEntity("window_block")
record BlockRow(@Id long id, long appliedThrough, byte[] data) {}
