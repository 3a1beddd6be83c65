/** Finds the model servers of this host by the processes that hold its GPUs and the ports they listen on. */
@NullMarked
package io.inferwatch.collector.discovery;

import org.jspecify.annotations.NullMarked;
