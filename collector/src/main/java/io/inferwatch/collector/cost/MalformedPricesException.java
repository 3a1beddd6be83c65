package io.inferwatch.collector.cost;

import java.io.IOException;

/** A file is no price table. The message says where and what to do. */
public final class MalformedPricesException extends IOException {
    private static final long serialVersionUID = 1L;

    MalformedPricesException(String message) {
        super(message);
    }
}
