package io.inferwatch.histograms;

/**
 * Where the {@code store} thread gets its window rows: it asks, and what is written leaves memory in the same step. So no
 * window is in neither place, or in both.
 */
public interface RowSource {

    /**
     * Writes the rows that wait, if it is time to.
     *
     * @return whether a batch was written, so that more may wait
     * @throws RuntimeException what the store threw; the same batch is tried again at the next call
     */
    boolean writeRows();

    /** Writes all there is: the last act before the end. */
    void flush();
}
