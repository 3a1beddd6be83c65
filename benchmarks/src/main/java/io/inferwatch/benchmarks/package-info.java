/** Figures of the packaged program, taken from outside under load. */
@NullMarked
package io.inferwatch.benchmarks;

import org.jspecify.annotations.NullMarked;
