package io.inferwatch.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.inferwatch.gpu.jna.JnaNvml;
import io.inferwatch.gpu.testing.ScriptedNvml;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What reading the GPUs costs: measured, and held back when the driver is slow. */
class OwnCostTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void percentilesAreRightToASixteenth_forAnyTimes() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        CallTimes times = new CallTimes(0);
        long[] took = random.longs(5_000, 0, 63)
                .map(bits -> random.nextLong(1L << Math.min(bits, 40) | 1))
                .toArray();
        Arrays.stream(took).forEach(nanos -> times.add(nanos, SECOND));
        Arrays.sort(took);

        for (double share : List.of(0.01, 0.5, 0.9, 0.99, 1.0)) {
            long exact = took[Math.max(0, (int) Math.ceil(share * took.length) - 1)];
            assertThat(times.percentileNanos(share, SECOND))
                    .as("%s of seed %d", share, seed)
                    .isBetween(exact, exact + exact / 16);
        }
    }

    @Test
    void timesAreForgotten_afterTwoMinutesAtMost() {
        CallTimes times = new CallTimes(0);
        times.add(5_000_000, SECOND);

        assertThat(times.percentileNanos(0.5, 61 * SECOND)).isPositive();
        times.add(1_000, 62 * SECOND);
        assertThat(times.percentileNanos(0.99, 62 * SECOND)).isGreaterThan(4_000_000);
        assertThat(times.percentileNanos(0.99, 125 * SECOND)).isBetween(1_000L, 1_063L);
        assertThat(times.percentileNanos(0.99, 600 * SECOND)).isZero();
    }

    @ParameterizedTest
    @CsvSource({"5, 20", "250, 1000", "400, 1600", "3000, 5000"})
    void nextRoundWaitsFourTimesAsLongAsThisTook_andNeverLongerThanItsBound(long tookMillis, long nextMillis) {
        Pace pace = new Pace(Duration.ofSeconds(5));
        assertThat(pace.mustWait(-7)).isFalse();

        pace.finished(-7_000_000, (tookMillis - 7) * 1_000_000);

        assertThat(pace.mustWait((nextMillis - 7) * 1_000_000 - 1)).isTrue();
        assertThat(pace.mustWait((nextMillis - 7) * 1_000_000)).isFalse();
    }

    /** The driver takes half a second for one call: a GPU is then asked every second beat, and no more. */
    @Test
    void aSlowDriverIsAskedLessOften_andItsTimeIsTold(@TempDir Path folder) {
        ScriptedNvml driver = ScriptedNvml.compile(folder).script("gpus 1");
        AtomicReference<Runnable> pause = new AtomicReference<>(() -> {});
        ProbeBench bench = ProbeBench.inline(
                GpuConfig.defaults(),
                () -> slowed(JnaNvml.opener(driver.library().toString()), pause));
        pause.set(() -> bench.pass(Duration.ofMillis(500)));

        List<GpuPoll> polls = bench.beats(12);

        GpuStats stats = bench.probe().stats();
        assertThat(polls).hasSize(6);
        assertThat(polls).allMatch(poll -> poll.verdict().state() == GpuVerdict.State.HEALTHY);
        assertThat(stats.polls().paced()).isEqualTo(6);
        assertThat(stats.calls()).hasEntrySatisfying("nvmlDeviceGetPowerUsage", power -> {
            assertThat(power.count()).isEqualTo(6);
            assertThat(power.totalNanos()).isEqualTo(6 * SECOND / 2);
            assertThat(power.p99Nanos()).isCloseTo(SECOND / 2, withinPercentage(7));
        });
        assertThat(stats.calls())
                .hasEntrySatisfying(
                        "nvmlDeviceGetTemperature",
                        temperature -> assertThat(temperature.totalNanos()).isZero());
    }

    private static Nvml.Opened slowed(Nvml.Opener real, AtomicReference<Runnable> pause) {
        if (!(real.open() instanceof Nvml.Opened.Found(Nvml nvml))) {
            throw new AssertionError("the scripted library is not there");
        }
        Object slowed = Proxy.newProxyInstance(
                OwnCostTest.class.getClassLoader(), new Class<?>[] {Nvml.class}, (proxy, method, arguments) -> {
                    if (arguments != null
                            && Arrays.asList(arguments).contains(Nvml.NumberQuery.of("nvmlDeviceGetPowerUsage"))) {
                        Objects.requireNonNull(pause.get()).run();
                    }
                    try {
                        return method.invoke(nvml, arguments);
                    } catch (InvocationTargetException failed) {
                        throw failed.getCause();
                    }
                });
        return new Nvml.Opened.Found((Nvml) slowed);
    }
}
