package io.inferwatch.gpu.jna;

/** Calls a C function of the library. */
@FunctionalInterface
interface NativeCall {
    /** @return nvmlReturn_t; {@code FUNCTION_NOT_FOUND} where the library lacks the symbol */
    int of(String symbol, Object... arguments);
}
