@NullMarked
package io.inferwatch.collector.testing;

import org.jspecify.annotations.NullMarked;
