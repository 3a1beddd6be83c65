/** Every metric Inferwatch knows: its name, kind, unit, scale and meaning, in one place. */
@NullMarked
package io.inferwatch.collector.catalogue;

import org.jspecify.annotations.NullMarked;
