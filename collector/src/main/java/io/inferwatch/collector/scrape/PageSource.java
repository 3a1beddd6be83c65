package io.inferwatch.collector.scrape;

import java.net.URI;

/** Where pages come from. */
@FunctionalInterface
public interface PageSource {

    /** What became of a fetch. */
    sealed interface Fetched {
        /** @param contentType empty where the server said none */
        @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
        record Got(byte[] bytes, String contentType) implements Fetched {}

        /** @param reason what failed and, where there is one, the remedy */
        record Failed(String reason) implements Fetched {}
    }

    Fetched fetch(URI address) throws InterruptedException;
}
