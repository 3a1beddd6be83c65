package io.inferwatch.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Bursts by a hand-driven clock: how long, how often, what is kept. */
class BurstsTest {
    private static final Instant START = Instant.parse("2026-11-20T12:00:00Z");
    private static final Duration USUAL = Duration.ofSeconds(1);

    private final AtomicLong nanos = new AtomicLong();
    private final List<Duration> paces = new ArrayList<>();
    private final List<GpuPoll> passedOn = new ArrayList<>();
    private final FlightRecorder recorder = new FlightRecorder(passedOn::add);
    private final Bursts bursts =
            new Bursts(USUAL, () -> START.plusNanos(nanos.get()), nanos::get, paces::add, recorder);

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    private void poll(int index, double watts) {
        FieldReading power = new FieldReading(
                new GpuField("gpu.power", "W"), Optional.empty(), new Reading.Value<>(Samples.of(1, watts)));
        FieldReading stale =
                new FieldReading(new GpuField("gpu.clock.sm", "MHz"), Optional.empty(), new Reading.Stale<>());
        recorder.poll(new GpuPoll(
                new GpuIdentity(index, "GPU-" + index, "card"),
                1,
                START.plusNanos(nanos.get()),
                new GpuVerdict(GpuVerdict.State.HEALTHY, "", "", START),
                List.of(power, stale)));
    }

    @Test
    void aBurstLastsTenSeconds_andHasTheSamplesOfItsOwnGpus() {
        bursts.ask("a", gpu -> gpu.index() == 1);
        assertThat(paces).containsExactly(Bursts.INTERVAL);
        for (int i = 0; i < 60; i++) {
            poll(0, 100);
            poll(1, 600 + i);
            pass(Bursts.INTERVAL);
            bursts.step();
        }

        assertThat(paces).containsExactly(Bursts.INTERVAL, USUAL);
        FlightRecord record = bursts.record("a").orElseThrow();
        assertThat(Duration.between(record.from(), record.until())).isEqualTo(Bursts.LENGTH);
        assertThat(record.gpus()).singleElement().satisfies(part -> {
            assertThat(part.gpu().uuid()).isEqualTo("GPU-1");
            assertThat(part.rows()).hasSize(50);
            assertThat(part.rows().getLast().values())
                    .containsOnlyKeys("gpu.power")
                    .containsEntry("gpu.power", 649.0);
        });
        assertThat(passedOn).as("every poll goes on, recorded or not").hasSize(120);
    }

    @Test
    void atMostATwentiethOfTheTimeIsBurst_andWhoeverAsksSoonerIsToldSo() {
        bursts.ask("a", gpu -> true);
        long burst = 0;
        for (int second = 0; second < 3_600; second++) {
            bursts.ask("again-" + second, gpu -> true);
            pass(Duration.ofSeconds(1));
            burst += paces.getLast().equals(Bursts.INTERVAL) ? 1 : 0;
            bursts.step();
        }

        assertThat(burst).isPositive().isLessThanOrEqualTo(3_600 / 20);
        FlightRecord refused = bursts.record("again-3599").orElseThrow();
        assertThat(refused.notTaken()).startsWith("the last burst began ").contains("may begin in ");
        assertThat(refused.gpus()).isEmpty();
        assertThat(bursts.record("a")).as("the newest are kept, no more").isEmpty();
    }

    @Test
    void whoeverAsksWithinABurst_hasTheRestOfIt() {
        bursts.ask("a", gpu -> true);
        pass(Duration.ofSeconds(4));
        bursts.ask("b", gpu -> true);

        FlightRecord rest = bursts.record("b").orElseThrow();
        assertThat(rest.notTaken()).isEmpty();
        assertThat(Duration.between(rest.from(), rest.until())).isEqualTo(Duration.ofSeconds(6));
        assertThat(paces).containsExactly(Bursts.INTERVAL);
    }
}
