/** The whole product, started as a user starts it and tried from outside. */
@NullMarked
package io.inferwatch.system;

import org.jspecify.annotations.NullMarked;
