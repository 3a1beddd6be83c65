package io.inferwatch.system.support;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** {@code GET /api/v1/stream}, read to its end on a thread of its own. Any thread. */
public final class EventStream {
    private static final String NAME = "event: ";
    private static final String DATA = "data: ";

    /** An event as it was told. */
    public record Event(String name, JsonNode data) {}

    private final List<Event> events = new CopyOnWriteArrayList<>();
    private final List<String> comments = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Void> end;

    /** Listens from now on; returns when the stream is answered. */
    public EventStream(SidecarApi api) {
        HttpRequest request = HttpRequest.newBuilder(api.uri("/api/v1/stream"))
                .header("Accept", "text/event-stream")
                .build();
        HttpResponse<Stream<String>> response = HttpClient.newHttpClient()
                .sendAsync(request, HttpResponse.BodyHandlers.ofLines())
                .join();
        if (response.statusCode() != 200) {
            throw new AssertionError("the stream was answered with " + response.statusCode());
        }
        end = CompletableFuture.runAsync(() -> read(response.body()));
    }

    private void read(Stream<String> lines) {
        String[] name = {""};
        lines.forEach(line -> {
            if (line.startsWith(NAME)) {
                name[0] = line.substring(NAME.length());
            } else if (line.startsWith(DATA)) {
                events.add(new Event(name[0], Json.parse(line.substring(DATA.length()))));
            } else if (line.startsWith(":")) {
                comments.add(line);
            }
        });
    }

    /** The data of the events of one name so far. */
    public List<JsonNode> of(String name) {
        return events.stream()
                .filter(event -> event.name().equals(name))
                .map(Event::data)
                .toList();
    }

    public List<String> comments() {
        return List.copyOf(comments);
    }

    /** Whether the other side has ended it in good order. */
    public boolean isOver() {
        return end.isDone() && !end.isCompletedExceptionally();
    }
}
