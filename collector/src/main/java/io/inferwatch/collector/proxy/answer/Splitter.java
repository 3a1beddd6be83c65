package io.inferwatch.collector.proxy.answer;

/** Splits a body that comes in pieces cut anywhere into its events. One thread. */
sealed interface Splitter permits SseSplitter, LineSplitter, WholeBody {
    /** Takes the bytes of events. */
    interface Events {
        void data(byte[] bytes, int from, int to);

        /** An event is complete. */
        void end();
    }

    void feed(byte[] bytes, int from, int to);

    /** The body is at its end. */
    void finish();
}
