@NullMarked
package io.inferwatch.collector.cost;

import org.jspecify.annotations.NullMarked;
