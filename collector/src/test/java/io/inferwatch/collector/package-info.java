@NullMarked
package io.inferwatch.collector;

import org.jspecify.annotations.NullMarked;
