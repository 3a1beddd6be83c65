/** Alert rules written for Prometheus, translated where they mean the same here and refused by name where not. */
@NullMarked
package io.inferwatch.rules.prometheus;

import org.jspecify.annotations.NullMarked;
