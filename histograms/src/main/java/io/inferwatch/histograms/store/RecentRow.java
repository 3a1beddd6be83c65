package io.inferwatch.histograms.store;

import io.micronaut.data.annotation.Id;
import io.micronaut.data.annotation.MappedEntity;

/**
 * The windows of up to 32 series that start at one moment, as they closed and were amended since.
 *
 * @param id {@link RowIds#recent}
 * @param appliedThrough the highest of its windows
 * @param data {@link RecentWindows}
 */
@SuppressWarnings("ArrayRecordComponent") // a row as the driver gives it; never compared
@MappedEntity("window_recent")
record RecentRow(@Id long id, long appliedThrough, byte[] data) {}
