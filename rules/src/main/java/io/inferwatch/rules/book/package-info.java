/** The running rule set: where it comes from, its inline tests, its reloads. */
@NullMarked
package io.inferwatch.rules.book;

import org.jspecify.annotations.NullMarked;
