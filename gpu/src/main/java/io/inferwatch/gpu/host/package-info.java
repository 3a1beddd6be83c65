/** What the operating system says of the processes that use GPUs: names, containers, sockets. Knows nothing of NVML. */
@NullMarked
package io.inferwatch.gpu.host;

import org.jspecify.annotations.NullMarked;
