@NullMarked
package io.inferwatch.collector.identity;

import org.jspecify.annotations.NullMarked;
