package io.inferwatch.collector.push;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.OptionalLong;

/**
 * Times as RFC 3339 writes them: {@code 2026-11-20T09:30:00.25Z}, {@code …+01:00}; a space for the {@code T} and small
 * letters too. Read by hand, since java.time takes longer over one than the parser over the whole record. Stateless.
 */
final class Rfc3339 {
    private static final int SHORTEST = "2026-11-20T09:30:00Z".length();
    private static final int AFTER_SECONDS = 19;
    private static final long DAY_SECONDS = 86_400;

    private Rfc3339() {}

    /** Milliseconds since 1970, cut; a leap second counts as the second after it. Empty when it is no such time. */
    static OptionalLong epochMillis(String text) {
        if (text.length() < SHORTEST || !hasSeparators(text)) {
            return OptionalLong.empty();
        }
        int year = number(text, 0, 4);
        int month = number(text, 5, 7);
        int day = number(text, 8, 10);
        int hour = number(text, 11, 13);
        int minute = number(text, 14, 16);
        int second = number(text, 17, 19);
        if (year < 0 || month < 0 || day < 0 || hour < 0 || minute < 0 || second < 0) {
            return OptionalLong.empty();
        }
        if (hour > 23 || minute > 59 || second > 60) {
            return OptionalLong.empty();
        }
        int zone = AFTER_SECONDS;
        int millis = 0;
        if (text.charAt(zone) == '.') {
            zone++;
            int digits = 0;
            for (; zone < text.length() && isDigit(text.charAt(zone)); zone++, digits++) {
                millis = digits < 3 ? millis * 10 + text.charAt(zone) - '0' : millis;
            }
            if (digits == 0) {
                return OptionalLong.empty();
            }
            for (; digits < 3; digits++) {
                millis *= 10;
            }
        }
        int offsetSeconds = offsetSeconds(text, zone);
        if (offsetSeconds == NO_OFFSET) {
            return OptionalLong.empty();
        }
        try {
            long days = LocalDate.of(year, month, day).toEpochDay();
            long seconds = days * DAY_SECONDS + hour * 3600L + minute * 60L + second - offsetSeconds;
            return OptionalLong.of(seconds * 1000 + millis);
        } catch (DateTimeException e) {
            return OptionalLong.empty();
        }
    }

    private static final int NO_OFFSET = Integer.MIN_VALUE;

    private static boolean hasSeparators(String text) {
        char between = text.charAt(10);
        return text.charAt(4) == '-'
                && text.charAt(7) == '-'
                && (between == 'T' || between == 't' || between == ' ')
                && text.charAt(13) == ':'
                && text.charAt(16) == ':';
    }

    private static int offsetSeconds(String text, int from) {
        if (text.length() == from + 1) {
            char zone = text.charAt(from);
            return zone == 'Z' || zone == 'z' ? 0 : NO_OFFSET;
        }
        if (text.length() != from + 6 || text.charAt(from + 3) != ':') {
            return NO_OFFSET;
        }
        char sign = text.charAt(from);
        int hours = number(text, from + 1, from + 3);
        int minutes = number(text, from + 4, from + 6);
        if ((sign != '+' && sign != '-') || hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
            return NO_OFFSET;
        }
        int seconds = hours * 3600 + minutes * 60;
        return sign == '-' ? -seconds : seconds;
    }

    /** The number these digits write; −1 when one is none. */
    private static int number(String text, int from, int to) {
        int number = 0;
        for (int i = from; i < to; i++) {
            if (!isDigit(text.charAt(i))) {
                return -1;
            }
            number = number * 10 + text.charAt(i) - '0';
        }
        return number;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
