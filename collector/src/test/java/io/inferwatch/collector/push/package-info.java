@NullMarked
package io.inferwatch.collector.push;

import org.jspecify.annotations.NullMarked;
