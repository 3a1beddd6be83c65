/** Records that senders push over HTTP: split, parsed, checked and handed to the collector. */
@NullMarked
package io.inferwatch.collector.push;

import org.jspecify.annotations.NullMarked;
