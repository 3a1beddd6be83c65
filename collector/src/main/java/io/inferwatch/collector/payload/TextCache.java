package io.inferwatch.collector.payload;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Strings that come again and again: model names, routes, finish reasons. The same text gives, nearly always, the same
 * instance without an allocation. A fixed number of places, each holding what was last put there, so that no sender
 * can fill memory. Used by one thread at a time.
 */
public final class TextCache {
    private static final int PLACES = 2048;

    /** A long text is rarely a name that comes again. */
    private static final int MOST_CHARS = 128;

    private final @Nullable String[] places = new @Nullable String[PLACES];

    public String of(char[] chars, int offset, int length) {
        if (length > MOST_CHARS) {
            return new String(chars, offset, length);
        }
        int hash = length;
        for (int i = 0; i < length; i++) {
            hash = 31 * hash + chars[offset + i];
        }
        int place = place(hash);
        String kept = places[place];
        if (kept != null && isSame(kept, chars, offset, length)) {
            return kept;
        }
        String made = new String(chars, offset, length);
        places[place] = made;
        return made;
    }

    String of(byte[] utf8, int offset, int length) {
        if (length > MOST_CHARS) {
            return decode(utf8, offset, length);
        }
        int hash = length;
        for (int i = 0; i < length; i++) {
            hash = 31 * hash + utf8[offset + i];
        }
        int place = place(hash);
        String kept = places[place];
        if (kept != null && isSameAscii(kept, utf8, offset, length)) {
            return kept;
        }
        String made = decode(utf8, offset, length);
        places[place] = made;
        return made;
    }

    static String decode(byte[] utf8, int offset, int length) {
        return new String(utf8, offset, length, StandardCharsets.UTF_8);
    }

    private static int place(int hash) {
        int mixed = hash * 0x9E3779B9;
        return mixed >>> (32 - Integer.numberOfTrailingZeros(PLACES));
    }

    private static boolean isSame(String kept, char[] chars, int offset, int length) {
        if (kept.length() != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (kept.charAt(i) != chars[offset + i]) {
                return false;
            }
        }
        return true;
    }

    /** False for anything but ASCII: a negative byte equals no character. */
    private static boolean isSameAscii(String kept, byte[] utf8, int offset, int length) {
        if (kept.length() != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (kept.charAt(i) != utf8[offset + i]) {
                return false;
            }
        }
        return true;
    }
}
