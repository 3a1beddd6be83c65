package io.inferwatch.collector.push;

/**
 * A JSON number read from its digits and rounded once, half away from zero, to integer steps: no {@code double} stands
 * between what was sent and what is counted. Used again for each number, by one thread.
 */
final class Decimal {
    private static final int MOST_DIGITS = 18;
    private static final int MOST_EXPONENT = 9999;

    private boolean number;
    private boolean negative;
    private boolean tooBig;
    private boolean whole;
    private long magnitude;

    /**
     * Reads a number as JSON writes them; anything else ({@code NaN}, {@code -INF}) is none.
     *
     * @param decimals how many decimals of it are kept
     */
    void read(char[] chars, int offset, int length, int decimals) {
        negative = length > 0 && chars[offset] == '-';
        int from = offset + (negative ? 1 : 0);
        int to = offset + length;
        number = from < to && isDigit(chars[from]);
        tooBig = false;
        whole = true;
        magnitude = 0;
        if (number) {
            digits(chars, from, to, decimals);
        }
    }

    boolean isNumber() {
        return number;
    }

    /** Below zero, by however little; −0 is not. */
    boolean isNegative() {
        return negative;
    }

    /** More steps than eighteen digits can say. */
    boolean isTooBig() {
        return tooBig;
    }

    /** Whether nothing was lost by rounding. */
    boolean isExact() {
        return whole;
    }

    /** The steps with their sign; means nothing where it is no number or too big. */
    long steps() {
        return negative ? -magnitude : magnitude;
    }

    private void digits(char[] chars, int from, int to, int decimals) {
        int mantissaEnd = from;
        int point = -1;
        while (mantissaEnd < to && chars[mantissaEnd] != 'e' && chars[mantissaEnd] != 'E') {
            if (chars[mantissaEnd] == '.') {
                point = mantissaEnd;
            }
            mantissaEnd++;
        }
        int integerDigits = (point < 0 ? mantissaEnd : point) - from;
        int kept = integerDigits + exponent(chars, mantissaEnd + 1, to) + decimals;
        boolean isZero = true;
        int seen = 0;
        for (int i = from; i < mantissaEnd; i++) {
            if (i == point) {
                continue;
            }
            int digit = chars[i] - '0';
            isZero &= digit == 0;
            if (seen < kept) {
                push(digit);
            } else {
                whole &= digit == 0;
                if (seen == kept && digit >= 5) {
                    magnitude++;
                }
            }
            seen++;
        }
        for (; seen < kept && magnitude != 0 && !tooBig; seen++) {
            push(0);
        }
        negative &= !isZero;
    }

    private void push(int digit) {
        if (magnitude >= POWER_OF_MOST_DIGITS) {
            tooBig = true;
        } else {
            magnitude = magnitude * 10 + digit;
        }
    }

    private static final long POWER_OF_MOST_DIGITS = power(MOST_DIGITS - 1);

    private static long power(int exponent) {
        long power = 1;
        for (int i = 0; i < exponent; i++) {
            power *= 10;
        }
        return power;
    }

    /** Bounded: what lies beyond it is zero or too big in any case. */
    private static int exponent(char[] chars, int from, int to) {
        if (from >= to) {
            return 0;
        }
        boolean negativeExponent = chars[from] == '-';
        int exponent = 0;
        for (int i = from + (isDigit(chars[from]) ? 0 : 1); i < to; i++) {
            exponent = Math.min(MOST_EXPONENT, exponent * 10 + chars[i] - '0');
        }
        return negativeExponent ? -exponent : exponent;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
