package io.inferwatch.collector.proxy;

import io.inferwatch.collector.Outcome;
import org.jspecify.annotations.Nullable;

/** What the relay tells the thread that reads along. */
abstract sealed class Note {
    private final Exchange exchange;

    private Note(Exchange exchange) {
        this.exchange = exchange;
    }

    Exchange exchange() {
        return exchange;
    }

    /** How much of the memory for notes it takes. */
    int bytes() {
        return 0;
    }

    static final class RequestPart extends Note {
        private final byte[] body;

        RequestPart(Exchange exchange, byte[] body) {
            super(exchange);
            this.body = body;
        }

        byte[] body() {
            return body;
        }

        @Override
        int bytes() {
            return body.length;
        }
    }

    static final class AnswerPart extends Note {
        private final byte[] body;
        private final long nanos;

        /** @param nanos when it was read from the socket */
        AnswerPart(Exchange exchange, byte[] body, long nanos) {
            super(exchange);
            this.body = body;
            this.nanos = nanos;
        }

        byte[] body() {
            return body;
        }

        long nanos() {
            return nanos;
        }

        @Override
        int bytes() {
            return body.length;
        }
    }

    static final class Ended extends Note {
        private final @Nullable Outcome outcome;
        private final long nanos;

        /** @param outcome {@code null}: as its status and its body say */
        Ended(Exchange exchange, @Nullable Outcome outcome, long nanos) {
            super(exchange);
            this.outcome = outcome;
            this.nanos = nanos;
        }

        @Nullable Outcome outcome() {
            return outcome;
        }

        long nanos() {
            return nanos;
        }
    }
}
