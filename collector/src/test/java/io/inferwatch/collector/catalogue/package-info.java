@NullMarked
package io.inferwatch.collector.catalogue;

import org.jspecify.annotations.NullMarked;
