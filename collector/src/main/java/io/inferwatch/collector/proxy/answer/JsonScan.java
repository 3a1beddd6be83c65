package io.inferwatch.collector.proxy.answer;

import java.nio.charset.StandardCharsets;

/**
 * Finds the scalars of a JSON text that comes in pieces cut anywhere, without holding more of it than the first bytes of one
 * scalar. What is no JSON is never refused: it is somebody else's stream, and says nothing. One thread.
 */
final class JsonScan {
    /** Sees each scalar that is no key. */
    @FunctionalInterface
    interface Scalars {
        /**
         * @param path the keys down to it, joined by dots; arrays leave no trace
         * @param value valid until this returns
         */
        void scalar(String path, JsonScan value);
    }

    private static final int MOST_DEPTH = 32;
    private static final int MOST_PATH = 256;
    private static final int MOST_KEPT = 256;
    private static final int HEX_DIGITS = 4;
    private static final int HEX = 16;

    private enum Within {
        STRUCTURE,
        STRING,
        ESCAPE,
        UNICODE,
        LITERAL
    }

    private final Scalars scalars;
    private final byte[] kept = new byte[MOST_KEPT];
    private final StringBuilder path = new StringBuilder();
    private final int[] bases = new int[MOST_DEPTH + 1];
    private final boolean[] objects = new boolean[MOST_DEPTH + 1];
    private Within within = Within.STRUCTURE;
    private int depth;
    private int tooDeep;
    private boolean isKeyNext;
    private int keptLength;
    private long length;
    private int unicode;
    private int unicodeDigits;
    private boolean isString;

    JsonScan(Scalars scalars) {
        this.scalars = scalars;
    }

    /** Begins another text. */
    void clear() {
        within = Within.STRUCTURE;
        path.setLength(0);
        depth = 0;
        tooDeep = 0;
        isKeyNext = false;
    }

    void feed(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            byte b = bytes[i];
            switch (within) {
                case STRUCTURE -> structure(b);
                case STRING -> string(b);
                case ESCAPE -> escape(b);
                case UNICODE -> unicode(b);
                case LITERAL -> literal(b);
            }
        }
    }

    /** Ends the text: a number at its end has nothing after it. */
    void end() {
        if (within == Within.LITERAL) {
            endLiteral();
        }
    }

    boolean isString() {
        return isString;
    }

    boolean isEmpty() {
        return length == 0;
    }

    /** Its first 256 bytes, escapes resolved. */
    String text() {
        return new String(kept, 0, keptLength, StandardCharsets.UTF_8);
    }

    boolean isNull() {
        return isLiteral("null");
    }

    boolean isTrue() {
        return isLiteral("true");
    }

    private boolean isLiteral(String word) {
        return !isString && text().equals(word);
    }

    /** As a number of at least 0, its fraction cut off; −1 when it is none. */
    double number() {
        if (isString || keptLength == 0 || kept[0] < '0' || kept[0] > '9') {
            return -1;
        }
        try {
            return Double.parseDouble(text());
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private void structure(byte b) {
        switch (b) {
            case '{' -> push(true);
            case '[' -> push(false);
            case '}', ']' -> pop();
            case '"' -> {
                begin(true);
                within = Within.STRING;
            }
            case ',' -> isKeyNext = depth > 0 && objects[depth];
            case ':' -> isKeyNext = false;
            case ' ', '\t', '\r', '\n' -> {
                // Between tokens.
            }
            default -> {
                begin(false);
                keep(b);
                within = Within.LITERAL;
            }
        }
    }

    private void push(boolean isObject) {
        if (depth == MOST_DEPTH) {
            tooDeep++;
            return;
        }
        depth++;
        bases[depth] = path.length();
        objects[depth] = isObject;
        isKeyNext = isObject;
    }

    private void pop() {
        if (tooDeep > 0) {
            tooDeep--;
        } else if (depth > 0) {
            path.setLength(bases[depth]);
            depth--;
        }
        isKeyNext = false;
    }

    private void begin(boolean asString) {
        isString = asString;
        keptLength = 0;
        length = 0;
    }

    private void keep(int b) {
        length++;
        if (keptLength < MOST_KEPT) {
            kept[keptLength++] = (byte) b;
        }
    }

    private void string(byte b) {
        if (b == '"') {
            within = Within.STRUCTURE;
            endString();
        } else if (b == '\\') {
            within = Within.ESCAPE;
        } else {
            keep(b);
        }
    }

    private void escape(byte b) {
        within = Within.STRING;
        switch (b) {
            case 'u' -> {
                unicode = 0;
                unicodeDigits = 0;
                within = Within.UNICODE;
            }
            case 'n' -> keep('\n');
            case 't' -> keep('\t');
            case 'r' -> keep('\r');
            case 'b' -> keep('\b');
            case 'f' -> keep('\f');
            default -> keep(b);
        }
    }

    private void unicode(byte b) {
        unicode = unicode * HEX + Math.max(0, Character.digit(b, HEX));
        if (++unicodeDigits == HEX_DIGITS) {
            within = Within.STRING;
            // Half a pair becomes "?": nothing that is kept of a stream is written with pairs.
            for (byte each : Character.toString((char) unicode).getBytes(StandardCharsets.UTF_8)) {
                keep(each);
            }
        }
    }

    private void endString() {
        if (tooDeep > 0) {
            return;
        }
        if (isKeyNext) {
            path.setLength(bases[depth]);
            if (!path.isEmpty()) {
                path.append('.');
            }
            path.append(text());
            path.setLength(Math.min(path.length(), MOST_PATH));
        } else {
            scalars.scalar(path.toString(), this);
        }
    }

    private void literal(byte b) {
        switch (b) {
            case ',', '}', ']', ' ', '\t', '\r', '\n' -> {
                endLiteral();
                structure(b);
            }
            default -> keep(b);
        }
    }

    private void endLiteral() {
        within = Within.STRUCTURE;
        if (tooDeep == 0) {
            scalars.scalar(path.toString(), this);
        }
    }
}
