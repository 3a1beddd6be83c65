package io.inferwatch.api.remote;

import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends all metrics to a receiver, at an interval. What the receiver refuses for now, or does not answer, is sent again,
 * later each time, in order; what it refuses for good is dropped and counted. Two steps, each for a thread of its own: {@link #gather} never waits for the receiver.
 */
public final class MetricSender {
    private static final Logger LOG = LoggerFactory.getLogger(MetricSender.class);
    private static final Duration REST = Duration.ofSeconds(1);
    private static final Duration FIRST_RETRY = Duration.ofMillis(500);
    private static final Duration LAST_RETRY = Duration.ofSeconds(30);
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);
    private static final Duration ANSWER = Duration.ofSeconds(30);

    /**
     * @param sent bodies the receiver took
     * @param partlyRefused those among them of which it left something out
     * @param refused bodies it refused for good
     * @param dropped bodies that were dropped because too much waited
     * @param failures tries that are made again
     * @param waitingBytes compressed
     */
    public record Stats(long sent, long partlyRefused, long refused, long dropped, long failures, long waitingBytes) {}

    private final SendConfig config;
    private final Protocol protocol;
    private final Supplier<MetricSnapshots> metrics;
    private final InstantSource clock;
    private final LongSupplier nanos;
    private final HttpClient http;
    private final SendQueue queue;
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong partlyRefused = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private Duration retry = FIRST_RETRY;
    private boolean isFailing;
    private long nextGatherNanos;

    /**
     * @param metrics all series as they are now
     * @param nanos the monotonic clock
     */
    public MetricSender(
            SendConfig config,
            Protocol protocol,
            Supplier<MetricSnapshots> metrics,
            InstantSource clock,
            LongSupplier nanos) {
        this.config = config;
        this.protocol = protocol;
        this.metrics = metrics;
        this.clock = clock;
        this.nanos = nanos;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(5))
                .build();
        this.queue = new SendQueue(config.maxBytes());
        this.nextGatherNanos = nanos.getAsLong();
    }

    /**
     * Puts what the series are now behind what waits.
     *
     * @return how long to rest
     */
    public Duration gather() {
        long now = nanos.getAsLong();
        if (now - nextGatherNanos >= 0) {
            nextGatherNanos = now + config.interval().toNanos();
            protocol.bodies(metrics.get(), clock.instant()).forEach(queue::add);
        }
        return Duration.ofNanos(Math.max(1_000_000, nextGatherNanos - nanos.getAsLong()));
    }

    /**
     * Sends the oldest that waits.
     *
     * @return how long to rest before the next
     */
    public Duration send() throws InterruptedException {
        Optional<byte[]> oldest = queue.oldest();
        if (oldest.isEmpty()) {
            return REST;
        }
        try {
            HttpResponse<String> answer = http.send(request(oldest.get()), HttpResponse.BodyHandlers.ofString());
            return judge(oldest.get(), answer);
        } catch (IOException e) {
            return again("no answer: " + e, Optional.empty());
        }
    }

    private HttpRequest request(byte[] body) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(config.url())
                .timeout(ANSWER)
                .header("User-Agent", "inferwatch")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        protocol.headers().forEach(request::header);
        if (config.tokenFile().isPresent()) {
            request.header(
                    "Authorization",
                    "Bearer " + Files.readString(config.tokenFile().get()).strip());
        } else if (config.passwordFile().isPresent()) {
            String pair = config.username() + ":"
                    + Files.readString(config.passwordFile().get()).strip();
            request.header(
                    "Authorization",
                    "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
        }
        return request.build();
    }

    private Duration judge(byte[] body, HttpResponse<String> answer) {
        int status = answer.statusCode();
        if (status / 100 == 2) {
            queue.done(body);
            sent.incrementAndGet();
            recovered();
            protocol.leftOut(answer.body()).ifPresent(this::tellLeftOut);
            return Duration.ZERO;
        }
        if (protocol.isRetried(status)) {
            return again("it answered " + status, answer.headers().firstValue("Retry-After"));
        }
        queue.done(body);
        if (refused.getAndIncrement() == 0) {
            LOG.error(
                    "{}: {} refused a body with {} ({}); it is dropped, further ones are only counted",
                    protocol.name(),
                    config.url().getHost(),
                    status,
                    shortened(answer.body()));
        }
        return Duration.ZERO;
    }

    private void tellLeftOut(String words) {
        if (partlyRefused.getAndIncrement() == 0) {
            LOG.error(
                    "{}: {} left out {}; further ones are only counted",
                    protocol.name(),
                    config.url().getHost(),
                    shortened(words));
        }
    }

    private static String shortened(String said) {
        String text = said.strip();
        return text.substring(0, Math.min(200, text.length()));
    }

    private Duration again(String why, Optional<String> retryAfter) {
        failures.incrementAndGet();
        if (!isFailing) {
            isFailing = true;
            LOG.warn(
                    "{}: {}: {}; sent again until it is taken",
                    protocol.name(),
                    config.url().getHost(),
                    why);
        }
        Duration asked = retryAfter
                .flatMap(this::waitAsked)
                .filter(wait -> wait.compareTo(LONGEST_WAIT) <= 0)
                .orElse(Duration.ZERO);
        Duration wait = asked.compareTo(retry) > 0 ? asked : retry;
        Duration doubled = retry.multipliedBy(2);
        retry = doubled.compareTo(LAST_RETRY) > 0 ? LAST_RETRY : doubled;
        return wait;
    }

    /** Seconds, or a date of HTTP. */
    private Optional<Duration> waitAsked(String text) {
        if (text.matches("\\d{1,6}")) {
            return Optional.of(Duration.ofSeconds(Long.parseLong(text)));
        }
        try {
            Instant until = Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(text));
            return Optional.of(Duration.between(clock.instant(), until));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private void recovered() {
        retry = FIRST_RETRY;
        if (isFailing) {
            isFailing = false;
            LOG.info("{}: {} takes metrics again", protocol.name(), config.url().getHost());
        }
    }

    /** Any thread. */
    public Stats stats() {
        return new Stats(
                sent.get(), partlyRefused.get(), refused.get(), queue.dropped(), failures.get(), queue.bytes());
    }
}
