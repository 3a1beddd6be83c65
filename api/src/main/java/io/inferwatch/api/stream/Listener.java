package io.inferwatch.api.stream;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/**
 * One who listens. What it has not taken yet waits in a queue of its own; when that is full, what is new is dropped and
 * counted, and the listener is told how much it missed as soon as there is room. Any thread; nothing here waits.
 */
final class Listener implements Subscription {
    /** About half a minute of a busy host. */
    static final int MOST_WAITING = 64;

    private final Subscriber<? super byte[]> subscriber;
    private final Consumer<Listener> onGone;
    private final Deque<byte[]> waiting = new ArrayDeque<>();
    private long demand;
    private long missed;
    private boolean isGone;
    private boolean isEnding;
    /** One thread hands over at a time; another that comes meanwhile leaves its event in the queue. */
    private boolean isHandingOver;

    Listener(Subscriber<? super byte[]> subscriber, Consumer<Listener> onGone) {
        this.subscriber = subscriber;
        this.onGone = onGone;
    }

    /** @return whether it will be told; else it is one more it missed */
    boolean offer(byte[] event) {
        synchronized (this) {
            if (isGone || isEnding) {
                return true;
            }
            // Room for the notice of what was missed, and for what comes after it.
            if (waiting.size() >= MOST_WAITING - (missed > 0 ? 1 : 0)) {
                missed++;
                return false;
            }
            if (missed > 0) {
                waiting.addLast(new StreamEvent("dropped", "{\"events\":" + missed + "}").bytes());
                missed = 0;
            }
            waiting.addLast(event);
        }
        handOver();
        return true;
    }

    /** What waits is still told; then the stream ends. */
    void end() {
        synchronized (this) {
            isEnding = true;
        }
        handOver();
    }

    @Override
    public void request(long n) {
        synchronized (this) {
            demand = demand + n < 0 ? Long.MAX_VALUE : demand + n;
        }
        handOver();
    }

    @Override
    public void cancel() {
        synchronized (this) {
            isGone = true;
            waiting.clear();
        }
        onGone.accept(this);
    }

    private void handOver() {
        synchronized (this) {
            if (isHandingOver) {
                return;
            }
            isHandingOver = true;
        }
        while (true) {
            byte @Nullable [] next;
            synchronized (this) {
                boolean isOver = isEnding && waiting.isEmpty() && !isGone;
                next = isGone || demand == 0 ? null : waiting.pollFirst();
                if (next == null) {
                    isHandingOver = false;
                    if (!isOver) {
                        return;
                    }
                    isGone = true;
                } else {
                    demand--;
                }
            }
            if (next == null) {
                subscriber.onComplete();
                onGone.accept(this);
                return;
            }
            subscriber.onNext(next);
        }
    }
}
