package io.inferwatch.collector.proxy.answer;

import java.util.Optional;

/** What the body of a request asks for. One thread. */
public final class RequestReader {
    private final JsonScan scan = new JsonScan(this::scalar);
    private Optional<String> model = Optional.empty();
    private Optional<String> user = Optional.empty();

    public void feed(byte[] bytes) {
        scan.feed(bytes, 0, bytes.length);
    }

    public Optional<String> model() {
        return model;
    }

    /** The end user, as the application names one. */
    public Optional<String> user() {
        return user;
    }

    private void scalar(String path, JsonScan value) {
        if (!value.isString() || value.isEmpty()) {
            return;
        }
        if (path.equals("model")) {
            model = Optional.of(value.text());
        } else if (path.equals("user") || path.equals("metadata.user_id")) {
            user = Optional.of(value.text());
        }
    }
}
