/** The journal on Chronicle Queue, and the lock on the data directory that comes before it. */
@NullMarked
package io.inferwatch.collector.journal;

import org.jspecify.annotations.NullMarked;
