package io.inferwatch.gpu;

import java.util.function.Function;

/**
 * What one question to one GPU brought back. A sealed family, so that absence is a state of its own and never a zero.
 *
 * @param <T> the type of the answer, in the unit of the field it was read for
 */
public sealed interface Reading<T> {

    /** The driver answered. */
    record Value<T>(T value) implements Reading<T> {}

    /** This GPU or this driver cannot answer: NVML said {@code NOT_SUPPORTED} or lacks the symbol. Asked once a generation. */
    record Unsupported<T>() implements Reading<T> {}

    /** The driver would answer another user. */
    record NoPermission<T>() implements Reading<T> {}

    /** Nothing newer than the last answer could be had within the deadline; the last answer is not repeated as if new. */
    record Stale<T>() implements Reading<T> {}

    /**
     * The driver answered with an error.
     *
     * @param code the {@code nvmlReturn_t} as NVML gave it
     */
    record Failed<T>(int code) implements Reading<T> {}

    /** The same answer in another form; absence stays what it is. */
    default <R> Reading<R> map(Function<? super T, ? extends R> form) {
        return switch (this) {
            case Value<T>(T value) -> new Value<>(form.apply(value));
            case Unsupported<T>() -> new Unsupported<>();
            case NoPermission<T>() -> new NoPermission<>();
            case Stale<T>() -> new Stale<>();
            case Failed<T>(int code) -> new Failed<>(code);
        };
    }
}
