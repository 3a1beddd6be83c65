/** The pure core: rules, data and time in; states, transitions and their reasons out. */
@NullMarked
package io.inferwatch.rules.engine;

import org.jspecify.annotations.NullMarked;
