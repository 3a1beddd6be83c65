/** What readings and events say about the health of a GPU. Pure: no driver, no clock, no thread. */
@NullMarked
package io.inferwatch.gpu.health;

import org.jspecify.annotations.NullMarked;
