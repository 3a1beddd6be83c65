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

        /**
         * @param reason what failed
         * @param remedy what to do where this was to be a model server; empty where the reason says it
         */
        record Failed(String reason, String remedy) implements Fetched {
            Failed(String reason) {
                this(reason, "");
            }

            String text() {
                return remedy.isEmpty() ? reason : reason + "; " + remedy;
            }
        }
    }

    Fetched fetch(URI address) throws InterruptedException;
}
