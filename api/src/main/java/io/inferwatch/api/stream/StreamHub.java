package io.inferwatch.api.stream;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.reactivestreams.Publisher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells all who listen the same, each event written out once. It looks only while somebody listens: its thread starts with
 * the first and ends after the last. Any thread.
 */
public final class StreamHub {
    /** Browsers open at once; one more is refused rather than making all of them slow. */
    public static final int MOST_LISTENERS = 16;

    private static final Logger LOG = LoggerFactory.getLogger(StreamHub.class);
    private static final Duration EVERY = Duration.ofSeconds(1);
    /** Well under the minute after which the server takes a quiet connection for dead. */
    private static final Duration BEAT_AFTER = Duration.ofSeconds(10);

    /** Looks at what is new since its last look. Called by one thread at a time. */
    @FunctionalInterface
    public interface Source {
        List<StreamEvent> look();
    }

    private final LongSupplier nanos;
    private final CopyOnWriteArrayList<Listener> listeners = new CopyOnWriteArrayList<>();
    private final AtomicLong dropped = new AtomicLong();
    private final Consumer<Runnable> starter;
    private boolean isRunning;
    private boolean isClosed;
    private long lastToldNanos;

    public StreamHub(LongSupplier nanos) {
        this(nanos, run -> Thread.ofPlatform().name("stream").daemon().start(run));
    }

    /** @param starter runs what it is given beside the caller, as a thread does */
    StreamHub(LongSupplier nanos, Consumer<Runnable> starter) {
        this.nanos = nanos;
        this.starter = starter;
    }

    /**
     * A stream for one more listener; empty when there are {@link #MOST_LISTENERS} already. It is told from its
     * subscription on.
     *
     * @param fresh makes the source that is looked at while anybody listens; asked for when nobody did before
     */
    public Optional<Publisher<byte[]>> open(Supplier<Source> fresh) {
        if (listeners.size() >= MOST_LISTENERS) {
            return Optional.empty();
        }
        return Optional.of(subscriber -> {
            Listener listener = new Listener(subscriber, listeners::remove);
            subscriber.onSubscribe(listener);
            // At once, so that the other side has its headers and knows that the line stands.
            boolean isTold = listener.offer(StreamEvent.BEAT);
            if (isTold) {
                join(listener, fresh);
            }
        });
    }

    private synchronized void join(Listener listener, Supplier<Source> fresh) {
        // Several may have been let in at the same time.
        if (isClosed || listeners.size() >= MOST_LISTENERS) {
            listener.end();
            return;
        }
        listeners.add(listener);
        if (!isRunning) {
            Source source = fresh.get();
            isRunning = true;
            starter.accept(() -> run(source));
        }
    }

    private void run(Source source) {
        while (goesOn()) {
            step(source);
            LockSupport.parkNanos(this, EVERY.toNanos());
        }
    }

    private synchronized boolean goesOn() {
        if (!isClosed && !listeners.isEmpty()) {
            return true;
        }
        isRunning = false;
        return false;
    }

    /** One look, told to all. A look that fails is logged and the next one made all the same. */
    void step(Source source) {
        try {
            List<StreamEvent> events = source.look();
            events.forEach(event -> tell(event.bytes()));
        } catch (RuntimeException e) {
            LOG.warn("the event stream could not look at what is new; it goes on", e);
        }
        if (nanos.getAsLong() - lastToldNanos >= BEAT_AFTER.toNanos()) {
            tell(StreamEvent.BEAT);
        }
    }

    private void tell(byte[] event) {
        lastToldNanos = nanos.getAsLong();
        for (Listener listener : listeners) {
            if (!listener.offer(event)) {
                dropped.incrementAndGet();
            }
        }
    }

    /** How many listen now. */
    public int listeners() {
        return listeners.size();
    }

    /** Events that slow listeners missed, since the start. */
    public long dropped() {
        return dropped.get();
    }

    /** Ends every stream; one that is opened later ends at once. */
    public synchronized void close() {
        isClosed = true;
        listeners.forEach(Listener::end);
    }
}
