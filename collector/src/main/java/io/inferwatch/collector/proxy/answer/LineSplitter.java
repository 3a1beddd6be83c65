package io.inferwatch.collector.proxy.answer;

/** JSON lines, as Ollama streams them. One thread. */
final class LineSplitter implements Splitter {
    private final Events events;
    private boolean hasData;

    LineSplitter(Events events) {
        this.events = events;
    }

    @Override
    public void feed(byte[] bytes, int from, int to) {
        int start = from;
        for (int i = from; i < to; i++) {
            if (bytes[i] == '\n') {
                take(bytes, start, i);
                finish();
                start = i + 1;
            }
        }
        take(bytes, start, to);
    }

    private void take(byte[] bytes, int from, int to) {
        if (from < to) {
            hasData = true;
            events.data(bytes, from, to);
        }
    }

    @Override
    public void finish() {
        if (hasData) {
            hasData = false;
            events.end();
        }
    }
}
