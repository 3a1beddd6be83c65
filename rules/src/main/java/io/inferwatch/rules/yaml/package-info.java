/** YAML with positions: the only place that knows a YAML library. Configuration and rules are read through it. */
@NullMarked
package io.inferwatch.rules.yaml;

import org.jspecify.annotations.NullMarked;
