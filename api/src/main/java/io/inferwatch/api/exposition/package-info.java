/** The Prometheus face of every series. */
@NullMarked
package io.inferwatch.api.exposition;

import org.jspecify.annotations.NullMarked;
