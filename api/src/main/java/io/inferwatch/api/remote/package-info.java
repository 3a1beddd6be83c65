/** Sends metrics to a Prometheus-compatible receiver. */
@NullMarked
package io.inferwatch.api.remote;

import org.jspecify.annotations.NullMarked;
