package io.inferwatch.notifier.channel;

/** Text for messages, measured in code points as receivers measure it. */
public final class Text {
    private Text() {}

    public static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    /** At most that many code points, with an ellipsis where something is missing. */
    public static String cut(String text, int mostCodePoints) {
        if (length(text) <= mostCodePoints) {
            return text;
        }
        return text.substring(0, text.offsetByCodePoints(0, Math.max(0, mostCodePoints - 1))) + "…";
    }

    /** One line without control, bidirectional or line-separating characters, so that it stays one line everywhere. */
    public static String oneLine(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            boolean plain = !Character.isISOControl(c)
                    && Character.getType(c) != Character.FORMAT
                    && c != 0x2028
                    && c != 0x2029;
            out.appendCodePoint(plain ? c : ' ');
        });
        return out.toString();
    }
}
