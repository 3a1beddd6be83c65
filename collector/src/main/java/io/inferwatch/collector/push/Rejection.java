package io.inferwatch.collector.push;

import java.util.Locale;

/** Why a record was rejected: the {@code code} of an error and the {@code reason} of a counter. */
public enum Rejection {
    /** The line, or the record in it, is no JSON. */
    MALFORMED,
    /** A field that must be there is not. */
    MISSING,
    WRONG_TYPE,
    /** Below zero where nothing is. */
    NEGATIVE,
    /** NaN or an infinity. */
    NOT_A_NUMBER,
    /** A number past its bounds. */
    OUT_OF_RANGE,
    /** A word that is none of those possible. */
    UNKNOWN_VALUE,
    /** A text or a list past its length. */
    TOO_LONG,
    /** The whole record is past its size. */
    TOO_LARGE,
    /** Nested deeper than any record is. */
    TOO_DEEP,
    /** Half a surrogate pair, or a NUL: no text that can be stored. */
    INVALID_TEXT,
    /** A time that is none. */
    INVALID_TIME,
    TOO_OLD,
    TOO_FAR_AHEAD,
    /** The first token after the last one. */
    OUT_OF_ORDER,
    /** A part larger than its whole. */
    INCONSISTENT,
    DUPLICATE_FIELD,
    /** Under {@code strict} alone. */
    UNKNOWN_FIELD,
    UNKNOWN_METRIC,
    /** A label name that cannot be one, or that Inferwatch sets itself. */
    INVALID_LABEL;

    private final String code = name().toLowerCase(Locale.ROOT);

    public String code() {
        return code;
    }
}
