package io.inferwatch.collector.scrape.page;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The line at hand of a text page, read from left to right: words, names, labels, values. A name that comes line after line
 * is one string. Used by one thread.
 */
final class PageLine {
    private static final int MOST_LABELS = 64;
    private static final int MOST_BYTES = 64 << 10;

    /** The line at hand is not of the format. */
    static final class BadLine extends Exception {
        BadLine(String message) {
            super(message, null, false, false);
        }
    }

    private final byte[] bytes;
    private final Map<Integer, String> names = new HashMap<>();
    private int next;
    private int at;
    private int end;
    private int number;
    private @Nullable String quotedName;

    PageLine(byte[] bytes) {
        this.bytes = bytes;
    }

    /** On to the next line. @return false after the last */
    boolean advance() {
        if (next >= bytes.length) {
            return false;
        }
        number++;
        at = next;
        end = next;
        while (end < bytes.length && bytes[end] != '\n') {
            end++;
        }
        next = end + 1;
        if (end > at && bytes[end - 1] == '\r') {
            end--;
        }
        return true;
    }

    /** From 1. */
    int number() {
        return number;
    }

    /** A line without an end may be the first half of one, and half a number is another number. */
    void requireWhole() throws BadLine {
        if (next > bytes.length) {
            throw new BadLine("has no end: the page was cut there");
        }
    }

    void requireBounded() throws BadLine {
        if (end - at > MOST_BYTES) {
            throw new BadLine("is longer than " + MOST_BYTES + " bytes");
        }
    }

    boolean isAtEnd() {
        return at == end;
    }

    boolean isAt(char c) {
        return at < end && bytes[at] == c;
    }

    void skip() {
        at++;
    }

    /** A metric's name that stands here without quotes. */
    String bareName() throws BadLine {
        int from = at;
        while (at < end && bytes[at] != '{' && bytes[at] != ' ' && bytes[at] != '\t') {
            at++;
        }
        String name = name(from, at);
        if (!isName(name)) {
            throw new BadLine("begins with \"" + shortened(name) + "\", which names no metric");
        }
        return name;
    }

    /** The metric's name that stood between the labels, as OpenMetrics 1.0 quotes it. */
    String quotedName() throws BadLine {
        if (quotedName == null) {
            throw new BadLine("has labels and no name");
        }
        return quotedName;
    }

    String word() {
        int from = at;
        while (at < end && bytes[at] != ' ' && bytes[at] != '\t') {
            at++;
        }
        return text(from, at);
    }

    /** The cursor stands on the opening brace, afterwards behind the closing one. */
    Map<String, String> labels() throws BadLine {
        at++;
        quotedName = null;
        Map<String, String> labels = new HashMap<>();
        while (true) {
            while (at < end && (bytes[at] == ' ' || bytes[at] == '\t' || bytes[at] == ',')) {
                at++;
            }
            if (at == end) {
                throw new BadLine("has labels that do not end");
            }
            if (bytes[at] == '}') {
                at++;
                return labels;
            }
            if (labels.size() == MOST_LABELS) {
                throw new BadLine("has more than " + MOST_LABELS + " labels");
            }
            label(labels);
        }
    }

    private void label(Map<String, String> labels) throws BadLine {
        String name;
        if (bytes[at] == '"') {
            name = quoted();
            skipBlanks();
            if (at == end || bytes[at] != '=') {
                quotedName = name;
                return;
            }
        } else {
            int from = at;
            while (at < end && bytes[at] != '=' && bytes[at] != '}') {
                at++;
            }
            name = name(from, trimmed(from, at));
        }
        if (at == end || bytes[at] != '=') {
            throw new BadLine("has a label without a value");
        }
        at++;
        skipBlanks();
        if (at == end || bytes[at] != '"') {
            throw new BadLine("has a label value that is not quoted");
        }
        labels.put(name, quoted());
    }

    private int trimmed(int from, int to) {
        int last = to;
        while (last > from && bytes[last - 1] == ' ') {
            last--;
        }
        return last;
    }

    /** The cursor stands on the opening quote, afterwards behind the closing one. */
    String quoted() throws BadLine {
        int from = ++at;
        boolean isEscaped = false;
        while (at < end && bytes[at] != '"') {
            if (bytes[at] == '\\') {
                isEscaped = true;
                at++;
            }
            at++;
        }
        if (at >= end) {
            at = end;
            throw new BadLine("has a text that does not end");
        }
        String text = text(from, at++);
        return isEscaped ? unescaped(text) : text;
    }

    private static String unescaped(String text) {
        StringBuilder plain = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && i + 1 < text.length()) {
                char escaped = text.charAt(++i);
                plain.append(escaped == 'n' ? '\n' : escaped);
            } else {
                plain.append(c);
            }
        }
        return plain.toString();
    }

    static double value(String text) throws BadLine {
        switch (text) {
            case "+Inf", "Inf", "+inf", "inf" -> {
                return Double.POSITIVE_INFINITY;
            }
            case "-Inf", "-inf" -> {
                return Double.NEGATIVE_INFINITY;
            }
            case "NaN", "nan", "Nan" -> {
                return Double.NaN;
            }
            default -> {
                return number(text);
            }
        }
    }

    /** Java's own reader also takes hexadecimal numbers and a letter for the type, which this format does not know. */
    private static double number(String text) throws BadLine {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E') {
                throw new BadLine("has \"" + shortened(text) + "\" where a number should be");
            }
        }
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw new BadLine("has \"" + shortened(text) + "\" where a number should be");
        }
    }

    private static boolean isName(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean isLetter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';
            if (!isLetter && !(i > 0 && ((c >= '0' && c <= '9') || c == '.'))) {
                return false;
            }
        }
        return !name.isEmpty();
    }

    private static String shortened(String text) {
        return text.length() > 40 ? text.substring(0, 40) + "…" : text;
    }

    void skipBlanks() {
        while (at < end && (bytes[at] == ' ' || bytes[at] == '\t')) {
            at++;
        }
    }

    private String text(int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.UTF_8);
    }

    private String name(int from, int to) {
        int hash = to - from;
        for (int i = from; i < to; i++) {
            hash = 31 * hash + bytes[i];
        }
        String known = names.get(hash);
        if (known != null && isSame(known, from, to)) {
            return known;
        }
        String made = text(from, to);
        names.put(hash, made);
        return made;
    }

    private boolean isSame(String known, int from, int to) {
        if (known.length() != to - from) {
            return false;
        }
        for (int i = 0; i < known.length(); i++) {
            if (known.charAt(i) != bytes[from + i]) {
                return false;
            }
        }
        return true;
    }
}
