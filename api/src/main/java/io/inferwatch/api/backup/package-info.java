/** A copy of all that a running sidecar remembers, as one tar. */
@NullMarked
package io.inferwatch.api.backup;

import org.jspecify.annotations.NullMarked;
