package io.inferwatch.collector.push;

/** Bytes that are no JSON. Carries no stack: it is an outcome, and may come by the thousand. */
final class MalformedRecordException extends Exception {
    private final int offset;
    private final String told;

    /** @param offset how many bytes into the record */
    MalformedRecordException(String message, int offset) {
        super(message, null, false, false);
        this.told = message;
        this.offset = offset;
    }

    int offset() {
        return offset;
    }

    String told() {
        return told;
    }
}
