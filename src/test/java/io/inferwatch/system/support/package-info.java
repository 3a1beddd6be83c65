/** Starts the packaged program, feeds it, and stands in for what it talks to. Knows nothing of its classes. */
@NullMarked
package io.inferwatch.system.support;

import org.jspecify.annotations.NullMarked;
