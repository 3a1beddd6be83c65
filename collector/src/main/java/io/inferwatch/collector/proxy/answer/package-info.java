/** What an answer of a model server says about itself, read beside the relay: tokens, times, counts, errors. */
@NullMarked
package io.inferwatch.collector.proxy.answer;

import org.jspecify.annotations.NullMarked;
