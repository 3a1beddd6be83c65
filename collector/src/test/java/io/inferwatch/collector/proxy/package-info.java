@NullMarked
package io.inferwatch.collector.proxy;

import org.jspecify.annotations.NullMarked;
