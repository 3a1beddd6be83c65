/** GPUs that do as they are told: the scripted NVML library, for the tests of every module. */
@NullMarked
package io.inferwatch.gpu.testing;

import org.jspecify.annotations.NullMarked;
