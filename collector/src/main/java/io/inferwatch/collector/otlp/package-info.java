/** Spans that senders export by OTLP over HTTP: those that are calls of a language model become requests. */
@NullMarked
package io.inferwatch.collector.otlp;

import org.jspecify.annotations.NullMarked;
