@NullMarked
package io.inferwatch.collector.ids;

import org.jspecify.annotations.NullMarked;
