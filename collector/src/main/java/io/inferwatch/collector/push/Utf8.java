package io.inferwatch.collector.push;

/**
 * Whether bytes are UTF-8 in the strict sense: no overlong form, no surrogate, nothing past U+10FFFF. The JSON parser
 * lets these pass (Jackson checks continuation bytes only). Stateless.
 */
final class Utf8 {
    private Utf8() {}

    /** Where the first byte is that belongs to no character; {@code to} when there is none. */
    static int firstInvalid(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to) {
            int length = bytes[i] >= 0 ? 1 : sequenceLength(bytes, i, to);
            if (length == 0) {
                return i;
            }
            i += length;
        }
        return to;
    }

    private static int sequenceLength(byte[] bytes, int at, int to) {
        int first = bytes[at] & 0xFF;
        int second = at + 1 < to ? bytes[at + 1] & 0xFF : 0;
        if (first < 0xC2 || first > 0xF4 || second < 0x80 || second > 0xBF) {
            return 0;
        }
        if (first < 0xE0) {
            return 2;
        }
        if (first < 0xF0) {
            boolean overlong = first == 0xE0 && second < 0xA0;
            boolean surrogate = first == 0xED && second >= 0xA0;
            return overlong || surrogate || !isContinuation(bytes, at + 2, to) ? 0 : 3;
        }
        boolean overlong = first == 0xF0 && second < 0x90;
        boolean tooHigh = first == 0xF4 && second >= 0x90;
        boolean whole = isContinuation(bytes, at + 2, to) && isContinuation(bytes, at + 3, to);
        return overlong || tooHigh || !whole ? 0 : 4;
    }

    private static boolean isContinuation(byte[] bytes, int at, int to) {
        return at < to && (bytes[at] & 0xC0) == 0x80;
    }
}
