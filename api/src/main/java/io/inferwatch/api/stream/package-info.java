/** What happens, told to those who listen as server-sent events. Knows nothing of what is told. */
@NullMarked
package io.inferwatch.api.stream;

import org.jspecify.annotations.NullMarked;
