@NullMarked
package io.inferwatch.gpu.health;

import org.jspecify.annotations.NullMarked;
