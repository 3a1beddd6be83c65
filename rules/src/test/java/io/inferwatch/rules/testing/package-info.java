@NullMarked
package io.inferwatch.rules.testing;

import org.jspecify.annotations.NullMarked;
