/** The database: packed window rows, the checkpoint, and the one thread that writes. */
@NullMarked
package io.inferwatch.histograms.store;

import org.jspecify.annotations.NullMarked;
