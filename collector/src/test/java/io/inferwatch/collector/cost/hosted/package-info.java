@NullMarked
package io.inferwatch.collector.cost.hosted;

import org.jspecify.annotations.NullMarked;
