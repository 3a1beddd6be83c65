/** A reverse proxy before a model server: relays every byte as it came, and reads along beside the relay. */
@NullMarked
package io.inferwatch.collector.proxy;

import org.jspecify.annotations.NullMarked;
