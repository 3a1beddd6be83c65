package io.inferwatch.api.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/** The hub's thread is never run here: the test takes its steps. */
class StreamHubTest {
    private static final String BEAT = ": beat\n\n";
    private static final StreamHub.Source SILENT = List::of;

    private int starts;
    private final AtomicLong nanos = new AtomicLong();
    private final StreamHub hub = new StreamHub(nanos::get, started -> starts++);

    @AfterEach
    void close() {
        hub.close();
    }

    /** What a listener was told, and when it asks for more. */
    private static final class Heard implements Subscriber<byte[]> {
        private final List<String> events = new ArrayList<>();
        private @Nullable Subscription subscription;
        private boolean isOver;

        private Subscription subscription() {
            if (subscription == null) {
                throw new IllegalStateException("not subscribed");
            }
            return subscription;
        }

        @Override
        public void onSubscribe(Subscription made) {
            subscription = made;
        }

        @Override
        public synchronized void onNext(byte[] event) {
            events.add(new String(event, StandardCharsets.UTF_8));
        }

        @Override
        public void onError(Throwable failure) {
            throw new AssertionError(failure);
        }

        @Override
        public void onComplete() {
            isOver = true;
        }
    }

    private Heard listening(long demand) {
        Heard heard = new Heard();
        open().orElseThrow().subscribe(heard);
        heard.subscription().request(demand);
        return heard;
    }

    private Optional<Publisher<byte[]>> open() {
        return hub.open(() -> SILENT);
    }

    private void tell(int... numbers) {
        for (int number : numbers) {
            hub.step(() -> List.of(new StreamEvent("gpu", "{\"n\":" + number + "}")));
        }
    }

    private static String event(int number) {
        return "event: gpu\ndata: {\"n\":" + number + "}\n\n";
    }

    @Test
    void everyListener_isToldTheSame_fromItsSubscriptionOn() {
        Heard first = listening(100);
        tell(1);
        Heard second = listening(100);
        tell(2);
        assertThat(first.events).containsExactly(BEAT, event(1), event(2));
        assertThat(second.events).containsExactly(BEAT, event(2));
    }

    @Test
    void itLooks_whileSomebodyListens_onOneThread() {
        assertThat(starts).isZero();
        Heard first = listening(1);
        Heard second = listening(1);
        assertThat(starts).isEqualTo(1);
        assertThat(first.events).isEqualTo(second.events);
    }

    @Test
    void nothingIsHandedOver_thatWasNotAskedFor() {
        Heard slow = listening(1);
        tell(1, 2);
        assertThat(slow.events).containsExactly(BEAT);
        slow.subscription().request(1);
        assertThat(slow.events).containsExactly(BEAT, event(1));
    }

    @Test
    void aSlowListener_missesWhatIsNew_isToldHowMuch_andDelaysNobody() {
        Heard slow = listening(1);
        Heard quick = listening(Long.MAX_VALUE);
        int told = Listener.MOST_WAITING + 5;
        for (int i = 1; i <= told; i++) {
            tell(i);
        }
        assertThat(quick.events).hasSize(told + 1);
        assertThat(hub.dropped()).isEqualTo(5);
        slow.subscription().request(Long.MAX_VALUE);
        tell(1_000);
        assertThat(slow.events).hasSize(1 + Listener.MOST_WAITING + 2);
        assertThat(slow.events.subList(1 + Listener.MOST_WAITING, slow.events.size()))
                .containsExactly("event: dropped\ndata: {\"events\":5}\n\n", event(1_000));
    }

    @Test
    void aQuietLine_hasABeatAfterTenSeconds() {
        Heard heard = listening(100);
        tell(1);
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(9));
        hub.step(SILENT);
        assertThat(heard.events).containsExactly(BEAT, event(1));
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
        hub.step(SILENT);
        assertThat(heard.events).containsExactly(BEAT, event(1), BEAT);
    }

    @Test
    void aLookThatFails_endsNoStream() {
        Heard heard = listening(100);
        hub.step(() -> {
            throw new IllegalStateException("the look failed");
        });
        tell(1);
        assertThat(heard.events).containsExactly(BEAT, event(1));
        assertThat(heard.isOver).isFalse();
    }

    @Test
    void oneMoreThanTheMost_isRefused_untilSomebodyLeaves() {
        List<Heard> all = new ArrayList<>();
        for (int i = 0; i < StreamHub.MOST_LISTENERS; i++) {
            all.add(listening(1));
        }
        assertThat(open()).isEmpty();
        all.getFirst().subscription().cancel();
        assertThat(open()).isPresent();
        assertThat(hub.listeners()).isEqualTo(StreamHub.MOST_LISTENERS - 1);
    }

    @Test
    void whoLeft_isToldNothingMore() {
        Heard heard = listening(100);
        heard.subscription().cancel();
        tell(1);
        assertThat(heard.events).containsExactly(BEAT);
        assertThat(hub.dropped()).isZero();
    }

    @Test
    void theStop_endsEveryStream_andThoseOpenedLater() {
        Heard before = listening(100);
        hub.close();
        assertThat(before.isOver).isTrue();
        Heard after = listening(100);
        assertThat(after.isOver).isTrue();
        assertThat(hub.listeners()).isZero();
    }
}
