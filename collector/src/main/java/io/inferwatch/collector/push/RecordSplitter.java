package io.inferwatch.collector.push;

import java.io.IOException;
import java.io.InputStream;

/**
 * Cuts a body into its records without looking into them: lines of NDJSON, elements of an array, or one object. So each
 * record is parsed by itself and one that is broken or too large spoils no other, and no body is held in memory. Holds
 * 128 KiB; used again for the next body; one thread at a time.
 */
final class RecordSplitter {
    /** The most bytes of a body, decompressed. */
    static final int MOST_BODY_BYTES = 5 << 20;

    /** The most bytes of a record. */
    static final int MOST_RECORD_BYTES = 64 << 10;

    /** How much of a body past its limit is read and dropped, so that the sender gets to read the answer. */
    static final long MOST_DROPPED_BYTES = 64L << 20;

    private static final int MOST_DEPTH = 64;

    /** What comes next in the body. */
    enum Next {
        /** A record, from {@link #from} to {@link #to}. */
        RECORD,
        /** A record larger than {@link #MOST_RECORD_BYTES}; its bytes are gone. */
        OVERSIZED_RECORD,
        END,
        /** The body as a whole is no JSON: {@link #brokenDetail}. */
        BROKEN,
        BODY_TOO_LARGE
    }

    /** How far an array has got. */
    private enum Place {
        BEFORE_BODY,
        IN_ARRAY_FIRST,
        IN_ARRAY_MORE,
        AFTER_BODY
    }

    private final byte[] buffer = new byte[2 * MOST_RECORD_BYTES];
    private InputStream in = InputStream.nullInputStream();
    private BodyFormat format = BodyFormat.NDJSON;
    private Place place = Place.BEFORE_BODY;
    private int scan;
    private int end;

    /** Nothing more is parsed: the body has ended, or is too large. */
    private boolean endOfBody;

    /** The stream said so. */
    private boolean hasEnded;

    private long bodyBytes;
    private int recordFrom;
    private int recordTo;
    private boolean keepsRecord;
    private boolean oversized;
    private long number;
    private long line;
    private long lineStartBytes;
    private long recordLine;
    private long recordColumn;
    private String brokenDetail = "";

    void open(InputStream newBody, BodyFormat newFormat) {
        in = newBody;
        format = newFormat;
        place = Place.BEFORE_BODY;
        scan = 0;
        end = 0;
        endOfBody = false;
        hasEnded = false;
        bodyBytes = 0;
        keepsRecord = false;
        number = 0;
        line = 1;
        lineStartBytes = 0;
        brokenDetail = "";
    }

    /** Lets go of the body. */
    void close() {
        in = InputStream.nullInputStream();
    }

    byte[] buffer() {
        return buffer;
    }

    int from() {
        return recordFrom;
    }

    int to() {
        return recordTo;
    }

    /** The line of NDJSON, the position in an array, from 1. */
    long number() {
        return number;
    }

    /** In the body, from 1: where the record begins, or where the body is broken. */
    long line() {
        return recordLine;
    }

    /** In bytes, from 1. */
    long column() {
        return recordColumn;
    }

    String brokenDetail() {
        return brokenDetail;
    }

    Next next() throws IOException {
        Next next = format == BodyFormat.NDJSON ? nextLine() : nextElement();
        keepsRecord = false;
        return bodyBytes > MOST_BODY_BYTES ? Next.BODY_TOO_LARGE : next;
    }

    /** Reads on and drops what comes, up to a limit. */
    void dropRest() throws IOException {
        long dropped = 0;
        while (!hasEnded && dropped < MOST_DROPPED_BYTES) {
            int count = in.read(buffer, 0, buffer.length);
            hasEnded = count < 0;
            dropped += count;
        }
    }

    private Next nextLine() throws IOException {
        while (scan < end || fill()) {
            number++;
            beginRecord();
            boolean isBlank = true;
            while (scan < end || fill()) {
                byte b = buffer[scan];
                if (b == '\n') {
                    break;
                }
                isBlank &= b == ' ' || b == '\t' || b == '\r';
                scan++;
            }
            Next found = endRecord();
            if (scan < end) {
                newLine();
            }
            if (!isBlank) {
                return found;
            }
        }
        return Next.END;
    }

    private Next nextElement() throws IOException {
        return switch (place) {
            case BEFORE_BODY -> firstOfBody();
            case IN_ARRAY_FIRST -> {
                if (!skipBlank()) {
                    yield broken("the array does not end");
                }
                yield buffer[scan] == ']' ? afterArray() : element();
            }
            case IN_ARRAY_MORE -> moreOfArray();
            case AFTER_BODY ->
                skipBlank()
                        ? broken("something follows the end of the JSON value; send several records as"
                                + " an array, or as application/x-ndjson")
                        : Next.END;
        };
    }

    private Next firstOfBody() throws IOException {
        if (!skipBlank()) {
            return broken("the body is empty; give a record or an array of records");
        }
        if (buffer[scan] == '[') {
            scan++;
            place = Place.IN_ARRAY_FIRST;
            return nextElement();
        }
        if (buffer[scan] != '{') {
            return broken("a body begins with { or [");
        }
        place = Place.AFTER_BODY;
        return element();
    }

    private Next moreOfArray() throws IOException {
        if (!skipBlank()) {
            return broken("the array does not end");
        }
        if (buffer[scan] == ']') {
            return afterArray();
        }
        if (buffer[scan] != ',') {
            return broken("a comma or ] must follow a record");
        }
        scan++;
        if (!skipBlank()) {
            return broken("the array does not end");
        }
        return element();
    }

    private Next afterArray() throws IOException {
        scan++;
        place = Place.AFTER_BODY;
        return nextElement();
    }

    /** One JSON value, as far as brackets and quotes tell. */
    private Next element() throws IOException {
        if (buffer[scan] == ',' || buffer[scan] == ']') {
            return broken("a record is missing");
        }
        if (place != Place.AFTER_BODY) {
            place = Place.IN_ARRAY_MORE;
        }
        number++;
        beginRecord();
        int depth = 0;
        boolean isInString = false;
        for (; ; scan++) {
            if (scan >= end && !fill()) {
                return depth > 0 || isInString ? broken("the body ends inside a record") : endRecord();
            }
            byte b = buffer[scan];
            if (isInString) {
                if (b == '\\') {
                    scan++;
                    if (scan >= end && !fill()) {
                        return broken("the body ends inside a record");
                    }
                } else if (b == '"') {
                    isInString = false;
                }
                // A line feed in a string is for the parser to refuse; the line count does not matter then.
            } else if (b == '"') {
                isInString = true;
            } else if (b == '{' || b == '[') {
                if (++depth > MOST_DEPTH) {
                    return broken("nested deeper than " + MOST_DEPTH);
                }
            } else if (b == '}' || b == ']') {
                if (depth == 0) {
                    return endRecord();
                }
                if (--depth == 0) {
                    scan++;
                    return endRecord();
                }
            } else if (b == '\n') {
                if (depth == 0) {
                    return endRecord();
                }
                line++;
                lineStartBytes = consumedBytes() + 1;
            } else if (depth == 0 && (b == ',' || b == ' ' || b == '\t' || b == '\r')) {
                return endRecord();
            }
        }
    }

    private void beginRecord() {
        recordFrom = scan;
        keepsRecord = true;
        oversized = false;
        placeHere();
    }

    private Next endRecord() {
        recordTo = scan;
        return oversized || recordTo - recordFrom > MOST_RECORD_BYTES ? Next.OVERSIZED_RECORD : Next.RECORD;
    }

    private Next broken(String detail) {
        brokenDetail = detail;
        placeHere();
        return Next.BROKEN;
    }

    private void placeHere() {
        recordLine = line;
        recordColumn = consumedBytes() - lineStartBytes + 1;
    }

    private long consumedBytes() {
        return bodyBytes - (end - scan);
    }

    private void newLine() {
        scan++;
        line++;
        lineStartBytes = consumedBytes();
    }

    /** @return whether something that is not blank follows */
    private boolean skipBlank() throws IOException {
        while (scan < end || fill()) {
            byte b = buffer[scan];
            if (b == '\n') {
                newLine();
            } else if (b == ' ' || b == '\t' || b == '\r') {
                scan++;
            } else {
                return true;
            }
        }
        return false;
    }

    /** Reads more behind {@code end}; makes room by giving up what was read already, and the record once it is too large. */
    private boolean fill() throws IOException {
        if (endOfBody) {
            return false;
        }
        if (keepsRecord && scan - recordFrom > MOST_RECORD_BYTES) {
            oversized = true;
            recordFrom = scan;
        }
        int keptFrom = keepsRecord ? recordFrom : scan;
        if (keptFrom == end) {
            scan = 0;
            end = 0;
            recordFrom = 0;
        } else if (end == buffer.length) {
            System.arraycopy(buffer, keptFrom, buffer, 0, end - keptFrom);
            scan -= keptFrom;
            recordFrom -= keptFrom;
            end -= keptFrom;
        }
        int count = in.read(buffer, end, buffer.length - end);
        if (count > 0) {
            end += count;
            bodyBytes += count;
        }
        hasEnded = count < 0;
        endOfBody = hasEnded || bodyBytes > MOST_BODY_BYTES;
        return count > 0;
    }
}
