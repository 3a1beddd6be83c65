/** A simulated node and its traffic, sent through the real pipeline. */
@NullMarked
package io.inferwatch.api.demo;

import org.jspecify.annotations.NullMarked;
