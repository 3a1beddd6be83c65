package io.inferwatch.histograms.store;

import io.inferwatch.histograms.ClosedWindow;
import io.inferwatch.histograms.WindowData;
import java.util.List;

/**
 * A window that is not packed yet.
 *
 * @param isWhole all there is of the window, whatever is packed of it; else what came after that was packed
 * @param data {@link WindowData#encoded}
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record RecentWindow(boolean isWhole, long appliedThrough, byte[] data) {

    static RecentWindow of(ClosedWindow window) {
        return new RecentWindow(
                !window.amendment(), window.appliedThrough(), window.data().encoded());
    }

    /** This row once the window was written over it; the same object where it holds the window's records already. */
    RecentWindow with(ClosedWindow window) {
        if (window.appliedThrough() <= appliedThrough) {
            return this;
        }
        if (!window.amendment()) {
            return of(window);
        }
        WindowData both = WindowData.merge(List.of(WindowData.decode(data), window.data()));
        return new RecentWindow(isWhole, window.appliedThrough(), both.encoded());
    }
}
