/** Wiring, start and stop of the whole sidecar. */
@NullMarked
package io.inferwatch.api.app;

import org.jspecify.annotations.NullMarked;
