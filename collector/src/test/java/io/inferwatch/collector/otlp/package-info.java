@NullMarked
package io.inferwatch.collector.otlp;

import org.jspecify.annotations.NullMarked;
