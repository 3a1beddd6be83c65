package io.inferwatch.histograms;

/** The answer to one aggregate over one range of one group of series: a number, or why there is none. */
public sealed interface Sample {

    /**
     * @param value in the metric's unit (a share is a ratio 0–1, a rate is per second)
     * @param count how many samples it rests on
     */
    record Present(double value, long count, Provenance provenance) implements Sample {}

    /** @param reason in words that can stand in an alert's {@code why} */
    record Missing(String reason) implements Sample {}
}
