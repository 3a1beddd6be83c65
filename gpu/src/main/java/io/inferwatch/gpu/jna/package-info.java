/** NVML by JNA: calls, struct layouts and the loading of the library; nothing is decided here. */
@NullMarked
package io.inferwatch.gpu.jna;

import org.jspecify.annotations.NullMarked;
