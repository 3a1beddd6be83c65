/** GPUs that exist only as arithmetic, for the demo. */
@NullMarked
package io.inferwatch.gpu.simulated;

import org.jspecify.annotations.NullMarked;
