@NullMarked
package io.inferwatch.collector.journal;

import org.jspecify.annotations.NullMarked;
