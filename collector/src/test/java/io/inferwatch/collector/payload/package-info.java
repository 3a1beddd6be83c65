@NullMarked
package io.inferwatch.collector.payload;

import org.jspecify.annotations.NullMarked;
