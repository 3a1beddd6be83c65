package io.inferwatch.histograms;

import java.util.List;

/**
 * What goes to the store in one transaction.
 *
 * @param checkpoint the lowest sequence number not covered by rows once this batch is written
 */
public record WindowBatch(List<ClosedWindow> windows, long checkpoint) {
    public WindowBatch {
        windows = List.copyOf(windows);
    }
}
