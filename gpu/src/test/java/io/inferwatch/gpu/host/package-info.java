@NullMarked
package io.inferwatch.gpu.host;

import org.jspecify.annotations.NullMarked;
