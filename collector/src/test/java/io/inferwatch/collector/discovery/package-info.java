@NullMarked
package io.inferwatch.collector.discovery;

import org.jspecify.annotations.NullMarked;
