package io.inferwatch.collector.push;

import com.fasterxml.jackson.core.JsonToken;
import io.inferwatch.collector.CollectorConfig;
import io.inferwatch.collector.payload.TextCache;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The values of fields, each held against what its field allows. Used by one thread at a time. */
final class FieldReader {
    /** The longest text of a field that may become a label, in characters. */
    static final int MOST_TEXT = 256;

    static final int MOST_LABELS = 16;
    static final int MOST_LIST = 64;

    private static final int MOST_ECHOED = 40;

    private final RecordTokens tokens;
    private final TextCache texts = new TextCache();
    private final Decimal decimal = new Decimal();

    FieldReader(RecordTokens tokens) {
        this.tokens = tokens;
    }

    RecordTokens tokens() {
        return tokens;
    }

    /** A text that many records share; empty when it has no characters. */
    Optional<String> sharedText(String field, int mostChars) throws MalformedRecordException, RefusedRecordException {
        checkText(field, mostChars);
        int length = tokens.charsLength();
        return length == 0 ? Optional.empty() : Optional.of(texts.of(tokens.chars(), tokens.charsOffset(), length));
    }

    /** A text of this record alone; empty when it has no characters. */
    Optional<String> text(String field, int mostChars) throws MalformedRecordException, RefusedRecordException {
        checkText(field, mostChars);
        int length = tokens.charsLength();
        return length == 0 ? Optional.empty() : Optional.of(new String(tokens.chars(), tokens.charsOffset(), length));
    }

    boolean bool(String field) throws MalformedRecordException, RefusedRecordException {
        if (tokens.current() == JsonToken.VALUE_TRUE) {
            return true;
        }
        if (tokens.current() == JsonToken.VALUE_FALSE) {
            return false;
        }
        throw wrongType(field, "true or false");
    }

    /** A number in steps of 10^−decimals, rounded once; without decimals it must be whole. */
    long steps(String field, int decimals, long lowest, long highest)
            throws MalformedRecordException, RefusedRecordException {
        if (!tokens.current().isNumeric()) {
            throw wrongType(field, "a number");
        }
        decimal.read(tokens.chars(), tokens.charsOffset(), tokens.charsLength(), decimals);
        return steps(field, decimal, echo(), decimals, lowest, highest);
    }

    /** The same of a number read before. */
    static long steps(String field, Decimal decimal, String echo, int decimals, long lowest, long highest)
            throws RefusedRecordException {
        if (!decimal.isNumber()) {
            throw new RefusedRecordException(
                    Rejection.NOT_A_NUMBER, field, field + " is " + echo + "; leave it out where it is not known");
        }
        if (decimal.isNegative() && lowest >= 0) {
            throw new RefusedRecordException(Rejection.NEGATIVE, field, field + " is " + echo + "; give 0 or more");
        }
        if (decimals == 0 && !decimal.isExact()) {
            throw new RefusedRecordException(
                    Rejection.WRONG_TYPE, field, field + " is " + echo + "; give a whole number");
        }
        long steps = decimal.steps();
        if (decimal.isTooBig() || steps < lowest || steps > highest) {
            throw new RefusedRecordException(
                    Rejection.OUT_OF_RANGE,
                    field,
                    field + " is " + echo + "; give a number from " + plain(lowest, decimals) + " to "
                            + plain(highest, decimals));
        }
        return steps;
    }

    /** An object of texts; entries without characters are left out. */
    Map<String, String> labels(String field) throws MalformedRecordException, RefusedRecordException {
        if (tokens.current() != JsonToken.START_OBJECT) {
            throw wrongType(field, "an object of strings");
        }
        Map<String, String> labels = new LinkedHashMap<>();
        int count = 0;
        while (tokens.next() != JsonToken.END_OBJECT) {
            String name = tokens.name();
            String path = field + "." + name;
            if (!CollectorConfig.Labels.isName(name)) {
                throw new RefusedRecordException(
                        Rejection.INVALID_LABEL,
                        field,
                        "\"" + cut(name) + "\" cannot name a label; give a letter or _, then letters, digits, _ . -"
                                + " (64 at most)");
            }
            if (++count > MOST_LABELS) {
                throw new RefusedRecordException(
                        Rejection.TOO_LONG, field, field + " has more than " + MOST_LABELS + " entries; give fewer");
            }
            if (tokens.next() == JsonToken.VALUE_NULL) {
                continue;
            }
            Optional<String> value = sharedText(path, MOST_TEXT);
            if (value.isPresent() && labels.put(name, value.get()) != null) {
                throw new RefusedRecordException(
                        Rejection.DUPLICATE_FIELD, path, path + " is there twice; give it once");
            }
        }
        return labels;
    }

    /** An array of texts. */
    List<String> list(String field) throws MalformedRecordException, RefusedRecordException {
        if (tokens.current() != JsonToken.START_ARRAY) {
            throw wrongType(field, "an array of strings");
        }
        List<String> list = new ArrayList<>();
        while (tokens.next() != JsonToken.END_ARRAY) {
            if (list.size() == MOST_LIST) {
                throw new RefusedRecordException(
                        Rejection.TOO_LONG, field, field + " has more than " + MOST_LIST + " entries; give fewer");
            }
            sharedText(field, MOST_TEXT).ifPresent(list::add);
        }
        return list;
    }

    /** An object, as the very text it was sent as; as long as its record may be. */
    String json(String field) throws MalformedRecordException, RefusedRecordException {
        if (tokens.current() != JsonToken.START_OBJECT) {
            throw wrongType(field, "an object");
        }
        int start = tokens.from() + tokens.offset() - 1;
        tokens.skipValue();
        int length = tokens.from() + tokens.offset() - start;
        return new String(tokens.buffer(), start, length, StandardCharsets.UTF_8);
    }

    RefusedRecordException wrongType(String field, String wanted) throws MalformedRecordException {
        String is = switch (tokens.current()) {
            case START_OBJECT -> "an object";
            case START_ARRAY -> "an array";
            case VALUE_STRING -> "the string \"" + echo() + "\"";
            case VALUE_NULL -> "null";
            default -> echo();
        };
        return new RefusedRecordException(Rejection.WRONG_TYPE, field, field + " is " + is + "; give " + wanted);
    }

    /** The value as it was sent, cut to a length fit for a message. */
    String echo() throws MalformedRecordException {
        String whole =
                new String(tokens.chars(), tokens.charsOffset(), Math.min(tokens.charsLength(), MOST_ECHOED + 1));
        return cut(whole);
    }

    static String cut(String text) {
        return text.length() <= MOST_ECHOED ? text : text.substring(0, MOST_ECHOED) + "…";
    }

    private void checkText(String field, int mostChars) throws MalformedRecordException, RefusedRecordException {
        if (tokens.current() != JsonToken.VALUE_STRING) {
            throw wrongType(field, "a string");
        }
        int length = tokens.charsLength();
        if (length > mostChars) {
            throw new RefusedRecordException(
                    Rejection.TOO_LONG, field, field + " has " + length + " characters; give at most " + mostChars);
        }
        char[] chars = tokens.chars();
        int offset = tokens.charsOffset();
        for (int i = offset; i < offset + length; i++) {
            if (chars[i] == 0 || Character.isSurrogate(chars[i])) {
                i = checkRareChar(field, chars, i, offset + length);
            }
        }
    }

    private static int checkRareChar(String field, char[] chars, int at, int end) throws RefusedRecordException {
        boolean isPair = at + 1 < end && Character.isSurrogatePair(chars[at], chars[at + 1]);
        if (!isPair) {
            String what = chars[at] == 0 ? "a NUL" : "half a surrogate pair";
            throw new RefusedRecordException(
                    Rejection.INVALID_TEXT, field, field + " contains " + what + "; give text without it");
        }
        return at + 1;
    }

    /** Steps as the number they stand for. */
    static String plain(long steps, int decimals) {
        return BigDecimal.valueOf(steps, decimals).stripTrailingZeros().toPlainString();
    }
}
