package io.inferwatch.collector.proxy.answer;

/** A body that is one event. One thread. */
final class WholeBody implements Splitter {
    private final Events events;

    WholeBody(Events events) {
        this.events = events;
    }

    @Override
    public void feed(byte[] bytes, int from, int to) {
        events.data(bytes, from, to);
    }

    @Override
    public void finish() {
        events.end();
    }
}
