package io.inferwatch.notifier.conversation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * Named texts as one text: a line {@code name value} each, in order; a name may occur several times. Readers skip names
 * they do not know, so that an older release reads what a newer one wrote. Whatever the values hold, the text holds no
 * control character but the line feed and no broken surrogate, so every database takes it.
 */
public final class Fields {
    private final Map<String, List<String>> values = new LinkedHashMap<>();

    public Fields put(String name, String value) {
        values.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
        return this;
    }

    public Fields put(String name, Optional<String> value) {
        value.ifPresent(present -> put(name, present));
        return this;
    }

    public Fields put(String name, Fields nested) {
        return put(name, nested.encode());
    }

    /** @throws NoSuchElementException naming the field, where it is missing */
    public String get(String name) {
        return find(name).orElseThrow(() -> new NoSuchElementException("field \"" + name + "\" is missing"));
    }

    public Optional<String> find(String name) {
        return all(name).stream().findFirst();
    }

    public List<String> all(String name) {
        return values.getOrDefault(name, List.of());
    }

    public Fields nested(String name) {
        return decode(get(name));
    }

    public String encode() {
        StringBuilder text = new StringBuilder();
        values.forEach((name, all) -> all.forEach(
                value -> text.append(name).append(' ').append(escape(value)).append('\n')));
        return text.toString();
    }

    /** @throws IllegalArgumentException when the text is none that {@link #encode} made */
    public static Fields decode(String text) {
        Fields fields = new Fields();
        for (int start = 0; start < text.length(); ) {
            int end = text.indexOf('\n', start);
            int space = text.indexOf(' ', start);
            if (end < 0 || space < 0 || space > end) {
                throw new IllegalArgumentException("line without a name or an end at character " + start);
            }
            fields.put(text.substring(start, space), unescape(text.substring(space + 1, end)));
            start = end + 1;
        }
        return fields;
    }

    /** Control characters, the backslash and lone surrogates as {@code \}{@code uXXXX}; the rest as it is. */
    public static String escape(String value) {
        StringBuilder out = new StringBuilder(value.length());
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            boolean pair = Character.isHighSurrogate(c)
                    && i + 1 < value.length()
                    && Character.isLowSurrogate(value.charAt(i + 1));
            if (pair) {
                out.append(c).append(value.charAt(++i));
            } else if (c == '\n') {
                out.append("\\n");
            } else if (c == '\\') {
                out.append("\\\\");
            } else if (c < ' ' || Character.isSurrogate(c)) {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }

    /** @throws IllegalArgumentException when the text is none that {@link #escape} made */
    public static String unescape(String text) {
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\') {
                out.append(c);
                continue;
            }
            char kind = i + 1 < text.length() ? text.charAt(++i) : '?';
            switch (kind) {
                case 'n' -> out.append('\n');
                case '\\' -> out.append('\\');
                case 'u' -> {
                    if (i + 4 >= text.length()) {
                        throw new IllegalArgumentException("escape cut short at character " + i);
                    }
                    out.append((char) Integer.parseInt(text.substring(i + 1, i + 5), 16));
                    i += 4;
                }
                default -> throw new IllegalArgumentException("unknown escape at character " + i);
            }
        }
        return out.toString();
    }
}
