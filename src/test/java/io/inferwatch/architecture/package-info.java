/** The arrows of the architecture, checked. */
@NullMarked
package io.inferwatch.architecture;

import org.jspecify.annotations.NullMarked;
