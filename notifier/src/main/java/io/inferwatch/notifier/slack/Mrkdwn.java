package io.inferwatch.notifier.slack;

import io.inferwatch.notifier.channel.Text;

/** Untrusted text for Slack: no mention, no link and no markup of its own comes through. */
final class Mrkdwn {
    private Mrkdwn() {}

    /** Escaped as Slack asks ({@code & < >}), at most that many characters as sent; api.slack.com, formatting. */
    static String escape(String text, int mostCharacters) {
        StringBuilder out = new StringBuilder();
        int[] codePoints = text.codePoints().toArray();
        for (int c : codePoints) {
            String next = switch (c) {
                case '&' -> "&amp;";
                case '<' -> "&lt;";
                case '>' -> "&gt;";
                case '`' -> "ˋ";
                default -> Character.toString(c);
            };
            if (out.length() + next.length() > mostCharacters - 1) {
                return out.append('…').toString();
            }
            out.append(next);
        }
        return out.toString();
    }

    /** For {@code plain_text}, which shows escapes as they are: look-alikes instead. */
    static String plain(String text, int mostCharacters) {
        String safe = Text.oneLine(text).replace('<', '‹').replace('>', '›').replace('&', '＆');
        int most = mostCharacters - (safe.length() - Text.length(safe));
        return Text.cut(safe, Math.max(1, most));
    }
}
