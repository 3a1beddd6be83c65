@NullMarked
package io.inferwatch.gpu;

import org.jspecify.annotations.NullMarked;
