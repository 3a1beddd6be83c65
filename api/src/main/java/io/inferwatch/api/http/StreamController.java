package io.inferwatch.api.http;

import io.inferwatch.api.app.Live;
import io.inferwatch.api.app.Parts;
import io.inferwatch.api.stream.StreamHub;
import io.inferwatch.histograms.Mark;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Produces;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import org.reactivestreams.Publisher;

/**
 * What happens, as server-sent events. Answers on the event loop, which waits for nothing here: a stream that stays open for
 * hours holds no thread of the pool.
 */
@Controller
final class StreamController {
    /** Marks are made by hand or at a deploy; more than this within a second are left to {@code /api/v1/events}. */
    private static final int MOST_MARKS = 100;

    private static final Duration COME_BACK = Duration.ofSeconds(10);

    private final Live live;

    StreamController(Live live) {
        this.live = live;
    }

    @Get("/api/v1/stream")
    @Produces({MediaType.TEXT_EVENT_STREAM, MediaType.ALL})
    HttpResponse<Publisher<byte[]>> stream() {
        Parts parts = live.parts();
        StreamHub hub = parts.streams();
        Publisher<byte[]> events = hub.open(() -> {
                    Queue<Mark> marks = new ArrayBlockingQueue<>(MOST_MARKS);
                    parts.marks().onMark(marks::offer);
                    return new LiveEvents(parts, marks);
                })
                .orElseThrow(() -> new ProblemException(
                        HttpStatus.SERVICE_UNAVAILABLE,
                        StreamHub.MOST_LISTENERS + " streams are open, as many as there may be; close a dashboard",
                        List.of(),
                        Optional.of(COME_BACK)));
        return HttpResponse.ok(events)
                .contentType(MediaType.TEXT_EVENT_STREAM_TYPE)
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                // A proxy that gathers before it passes on would make it late.
                .header("X-Accel-Buffering", "no");
    }
}
