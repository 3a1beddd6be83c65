package io.inferwatch.collector.push;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.async.ByteArrayFeeder;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * The tokens of one record after another. The parser is Jackson's non-blocking one: it takes exactly the bytes of a
 * record and goes on to the next without being made anew. Used by one thread at a time.
 */
final class RecordTokens {
    private static final int MOST_DEPTH = 32;
    private static final int MOST_NAME_LENGTH = 256;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MOST_DEPTH)
                    .maxNameLength(MOST_NAME_LENGTH)
                    .build())
            // So that NaN is refused as a value of its field and by its name, and not as a body that is no JSON.
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            // Field names come from outside: they are neither kept for ever nor a reason to throw.
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
            .build();

    private JsonParser parser = made();
    private byte[] buffer = new byte[0];
    private int from;
    private int to;
    private long fedBytes;
    private boolean isOpen;
    private boolean isSpoiled;

    /** Begins a record: these bytes and no more. */
    void open(byte[] newBuffer, int newFrom, int newTo) {
        if (isSpoiled) {
            startOver();
        }
        buffer = newBuffer;
        from = newFrom;
        to = newTo;
        isOpen = true;
        try {
            ((ByteArrayFeeder) parser.getNonBlockingInputFeeder()).feedInput(buffer, from, to);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The next token, which there must be. */
    JsonToken next() throws MalformedRecordException, RefusedRecordException {
        JsonToken token = nextOrNone();
        if (token == JsonToken.NOT_AVAILABLE) {
            throw new MalformedRecordException("the record does not end", to - from);
        }
        return token;
    }

    /** The name of the field the parser stands at. */
    String name() throws MalformedRecordException {
        try {
            return parser.currentName();
        } catch (IOException e) {
            throw malformed(e);
        }
    }

    JsonToken current() {
        return parser.currentToken();
    }

    char[] chars() throws MalformedRecordException {
        try {
            return parser.getTextCharacters();
        } catch (IOException e) {
            throw malformed(e);
        }
    }

    int charsOffset() throws MalformedRecordException {
        try {
            return parser.getTextOffset();
        } catch (IOException e) {
            throw malformed(e);
        }
    }

    int charsLength() throws MalformedRecordException {
        try {
            return parser.getTextLength();
        } catch (IOException e) {
            throw malformed(e);
        }
    }

    /** How many bytes of the record have been read. */
    int offset() {
        return (int) (parser.currentLocation().getByteOffset() - fedBytes);
    }

    byte[] buffer() {
        return buffer;
    }

    int from() {
        return from;
    }

    /** Goes past the value the parser stands at, whatever is in it. */
    void skipValue() throws MalformedRecordException, RefusedRecordException {
        JsonToken token = parser.currentToken();
        if (!token.isStructStart()) {
            return;
        }
        int depth = 1;
        while (depth > 0) {
            JsonToken next = next();
            depth += next.isStructStart() ? 1 : next.isStructEnd() ? -1 : 0;
        }
    }

    /** Ends a record: it has been read to its closing brace, and nothing may follow. */
    void close() throws MalformedRecordException, RefusedRecordException {
        for (int i = from + offset(); i < to; i++) {
            if (!isBlank(buffer[i])) {
                throw new MalformedRecordException("something follows the record", i - from);
            }
        }
        // What is blank must still be taken in, or the parser refuses the next record's bytes.
        nextOrNone();
        fedBytes += to - from;
        isOpen = false;
    }

    /** Reads the rest of a record that is refused already: it must still be JSON. */
    void drain() throws MalformedRecordException, RefusedRecordException {
        if (isOpen && !isSpoiled) {
            while (!parser.getParsingContext().inRoot()) {
                next();
            }
            close();
        }
    }

    /** After anything went wrong: the parser's state is of no use any more. */
    void startOver() {
        parser = made();
        fedBytes = 0;
        isOpen = false;
        isSpoiled = false;
    }

    /** Whether these bytes begin an object, blanks aside; what does not is looked at by {@link #checkOther}. */
    static boolean isObject(byte[] bytes, int from, int to) {
        int first = from;
        while (first < to && isBlank(bytes[first])) {
            first++;
        }
        return first < to && bytes[first] == '{';
    }

    /** Holds bytes that are no object against the grammar: they may be JSON all the same. */
    static void checkOther(byte[] bytes, int from, int to) throws MalformedRecordException {
        try (JsonParser whole = FACTORY.createParser(bytes, from, to - from)) {
            if (whole.nextToken() == null) {
                throw new MalformedRecordException("a record is missing", 0);
            }
            whole.skipChildren();
            if (whole.nextToken() != null) {
                throw new MalformedRecordException("something follows the record", 0);
            }
        } catch (JsonProcessingException e) {
            throw new MalformedRecordException(e.getOriginalMessage(), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t' || b == '\r' || b == '\n';
    }

    private JsonToken nextOrNone() throws MalformedRecordException, RefusedRecordException {
        try {
            return parser.nextToken();
        } catch (StreamConstraintsException e) {
            isSpoiled = true;
            throw new RefusedRecordException(
                    Rejection.TOO_DEEP,
                    Optional.empty(),
                    "a record is nested at most " + MOST_DEPTH + " deep, a field name is at most " + MOST_NAME_LENGTH
                            + " long: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw malformed(e);
        }
    }

    private MalformedRecordException malformed(IOException e) {
        String told = e instanceof JsonProcessingException json ? json.getOriginalMessage() : String.valueOf(e);
        return new MalformedRecordException(told, Math.clamp(offset(), 0, to - from));
    }

    private static JsonParser made() {
        try {
            return FACTORY.createNonBlockingByteArrayParser();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
