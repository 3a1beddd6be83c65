/** The bytes of a journal payload: varints, texts and a dictionary, written and read with bounded memory. */
@NullMarked
package io.inferwatch.collector.payload;

import org.jspecify.annotations.NullMarked;
