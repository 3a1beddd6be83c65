@NullMarked
package io.inferwatch.rules;

import org.jspecify.annotations.NullMarked;
