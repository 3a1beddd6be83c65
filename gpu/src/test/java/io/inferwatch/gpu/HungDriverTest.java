package io.inferwatch.gpu;

import static io.inferwatch.gpu.ProbeBench.value;
import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.gpu.GpuVerdict.State;
import io.inferwatch.gpu.jna.JnaNvml;
import io.inferwatch.gpu.testing.ScriptedNvml;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls of a real C library that do not return, on the probe's real threads. */
class HungDriverTest {
    private final ScriptedNvml driver;
    private final ProbeBench bench;

    HungDriverTest(@TempDir Path folder) {
        driver = ScriptedNvml.compile(folder).script("gpus 3");
        bench = ProbeBench.threaded(GpuConfig.defaults(), driver);
    }

    @AfterEach
    void letGoAndStop() {
        driver.script("gpus 3");
        bench.probe().stop();
        assertThat(driver.faults()).isEmpty();
    }

    private void allHealthy() {
        for (int index = 0; index < 3; index++) {
            int wanted = index;
            bench.beatUntil("GPU " + index + " healthy", poll -> poll.gpu().index() == wanted && isUp(poll));
        }
    }

    private static boolean isUp(GpuPoll poll) {
        return poll.verdict().state() == State.HEALTHY && value(poll, "gpu.up") == 1;
    }

    @Test
    void onlyItsOwnGpuIsUnresponsiveAndItRecovers_whenADriverCallHangs() {
        allHealthy();

        driver.script("gpus 3", "call nvmlDeviceGetPowerUsage gpu=1 hang");
        GpuPoll hung = bench.beatUntil("unresponsive", poll -> poll.verdict().state() == State.DRIVER_UNRESPONSIVE);
        GpuPoll again = bench.beatUntil("unresponsive", poll -> poll.verdict().state() == State.DRIVER_UNRESPONSIVE);
        GpuPoll other = bench.beatUntil("GPU 2 up", poll -> poll.gpu().index() == 2);
        GpuStats whileHung = bench.probe().stats();
        driver.script("gpus 3");
        GpuPoll recovered = bench.beatUntil("GPU 1 up", poll -> poll.gpu().index() == 1 && isUp(poll));

        assertThat(hung.gpu().index()).isEqualTo(1);
        assertThat(hung.verdict().reason()).isEqualTo("nvmlDeviceGetPowerUsage did not return within 5000 ms");
        assertThat(value(hung, "gpu.up")).isZero();
        assertThat(hung.readings())
                .filteredOn(reading -> !reading.field().equals(GpuFields.UP))
                .allMatch(reading -> reading.reading() instanceof Reading.Stale<Samples>);
        assertThat(again.at()).isEqualTo(hung.at().plusSeconds(1));
        assertThat(again.verdict().since()).isEqualTo(hung.verdict().since());
        assertThat(isUp(other)).isTrue();
        assertThat(whileHung.hungCalls()).isEqualTo(1);
        assertThat(recovered.generation()).isEqualTo(1);
    }

    @Test
    void nothingIsSaidOfTheLateAnswer_whenTheCallReturnsAfterTheDeadline() {
        allHealthy();
        driver.script("gpus 3", "call nvmlDeviceGetTemperature gpu=0 hang", "gpu 0 temperature_c=99");
        GpuPoll hung = bench.beatUntil("unresponsive", poll -> poll.verdict().state() == State.DRIVER_UNRESPONSIVE);

        driver.script("gpus 3", "gpu 0 temperature_c=40");
        GpuPoll next = bench.beatUntil("GPU 0 up", poll -> poll.gpu().index() == 0 && isUp(poll));

        assertThat(next.at()).isAfter(hung.at());
        assertThat(value(next, "gpu.temperature")).isEqualTo(40);
    }

    @Test
    void stopEndsWithoutShuttingNvmlDown_whenACallHangs() {
        allHealthy();
        driver.script("gpus 3", "call nvmlDeviceGetPowerUsage gpu=2 hang");
        bench.beatUntil("unresponsive", poll -> poll.verdict().state() == State.DRIVER_UNRESPONSIVE);

        bench.probe().stop();

        assertThat(driver.calls("nvmlShutdown")).isZero();
        assertThat(driver.inits()).isEqualTo(1);
    }

    @Test
    void noGpuIsBlamedAndNothingIsShutDown_whenTheWaitForXidsHangs() {
        allHealthy();
        driver.script("gpus 3", "call nvmlEventSetWait_v2 hang");
        bench.beats(8);

        GpuStats whileHung = bench.probe().stats();
        GpuPoll read = bench.beatUntil("GPU 2 up", poll -> poll.gpu().index() == 2);
        bench.probe().stop();

        assertThat(whileHung.hungCalls()).isEqualTo(1);
        assertThat(isUp(read)).isTrue();
        assertThat(driver.calls("nvmlShutdown")).isZero();
    }

    @Test
    void xidsAreHeardOfAgain_whenTheWaitForThemReturnsAfterAll() {
        allHealthy();
        driver.script("gpus 3", "call nvmlEventSetWait_v2 hang");
        bench.beats(8);

        driver.script("gpus 3", "xid 1 79");
        GpuPoll failing = bench.beatUntil("failing", poll -> poll.verdict().state() == State.FAILING);

        assertThat(failing.gpu().index()).isEqualTo(1);
        assertThat(bench.xids()).hasSize(1);
    }

    @Test
    void releaseIsNotDoneBeforeTheCallReturns_whenADriverCallHangs() {
        allHealthy();
        driver.script("gpus 3", "call nvmlDeviceGetName gpu=1 hang", "call nvmlDeviceGetPowerUsage gpu=1 hang");
        bench.beats(3);

        CompletableFuture<Void> released = bench.probe().release(Duration.ofMinutes(5));
        bench.beats(3);
        boolean doneWhileHung = released.isDone();
        Optional<String> call = bench.probe().callUnderWay();
        driver.script("gpus 3");
        ProbeBench.await("nothing held", () -> {
            bench.beats(1);
            return released.isDone();
        });

        assertThat(doneWhileHung).isFalse();
        assertThat(call).contains("nvmlDeviceGetPowerUsage");
        assertThat(driver.inits()).isZero();
    }

    @Test
    void stopShutsNvmlDown_whenNothingHangs() {
        allHealthy();

        bench.probe().stop();

        assertThat(driver.inits()).isZero();
    }

    @Test
    void fleetExplainsAndRecovers_whenInitialisingHangs() {
        driver.script("gpus 3", "call nvmlInit_v2 hang");
        bench.beats(7);

        ProbeBench.await(
                "the reason",
                () -> bench.probe().fleet().reason().equals(Optional.of("nvmlInit_v2 did not return within 5000 ms")));
        assertThat(bench.probe().stats().hungCalls()).isEqualTo(1);

        driver.script("gpus 3");
        allHealthy();
        assertThat(bench.probe().fleet().reason()).isEmpty();
    }

    @Test
    void unsettledGpuIsToldByAStandIn_whenItsHandleHangs() {
        driver.script("gpus 3", "call nvmlDeviceGetHandleByIndex_v2 gpu=2 hang");

        GpuPoll standIn = bench.beatUntil("GPU 2 down", poll -> poll.gpu().index() == 2);
        GpuPoll other = bench.beatUntil("GPU 0 up", poll -> poll.gpu().index() == 0);

        assertThat(standIn.gpu().uuid()).isEqualTo("unknown-2");
        assertThat(standIn.verdict().state()).isEqualTo(State.DRIVER_UNRESPONSIVE);
        assertThat(isUp(other)).isTrue();
    }

    @Test
    void slowCallDelaysItsOwnGpuOnly_whenItStaysWithinTheDeadline() {
        allHealthy();
        // As long as the test wants, within the deadline of the probe's clock: whatever the machine's clock says.
        driver.script("gpus 3", "call nvmlDeviceGetPowerUsage gpu=1 hang");
        bench.beat();
        List<GpuPoll> meanwhile = bench.beat();
        long skipped = bench.probe().stats().polls().busy();
        driver.script("gpus 3");
        GpuPoll slow = bench.awaitPoll("of GPU 1", poll -> poll.gpu().index() == 1);

        assertThat(meanwhile)
                .anyMatch(poll -> poll.gpu().index() == 0 && isUp(poll))
                .noneMatch(poll -> poll.gpu().index() == 1);
        assertThat(skipped).isPositive();
        assertThat(isUp(slow)).isTrue();
    }

    @Test
    void gpuIsNotCalledHung_whenItIsTheTakerThatDoesNotReturn() {
        CountDownLatch inTaker = new CountDownLatch(1);
        CountDownLatch letGo = new CountDownLatch(1);
        AtomicLong nanos = new AtomicLong();
        driver.script("gpus 1");
        GpuProbe probe = new GpuProbe(
                GpuConfig.defaults(),
                JnaNvml.opener(driver.library().toString()),
                () -> ProbeBench.START.plusNanos(nanos.get()),
                nanos::get,
                poll -> {
                    inTaker.countDown();
                    ProbeBench.await("the taker to be let go", () -> letGo.getCount() == 0);
                },
                FleetMemory.NONE,
                Lane.OfThread::new,
                ProbeBench.NO_WAIT);
        ProbeBench.await("a taker that is stuck", () -> {
            probe.tick();
            return inTaker.getCount() == 0;
        });

        nanos.addAndGet(Duration.ofMinutes(1).toNanos());
        probe.tick();
        // The wait for XIDs that the jump of the clock caught returns by itself; a GPU called hung would stay so.
        ProbeBench.await("no hung call", () -> probe.stats().hungCalls() == 0);
        GpuStats stats = probe.stats();
        GpuVerdict verdict = probe.fleet().gpus().getFirst().verdict();
        letGo.countDown();
        probe.stop();

        assertThat(stats.hungCalls()).isZero();
        assertThat(stats.polls().busy()).isPositive();
        assertThat(verdict.state()).isEqualTo(State.HEALTHY);
    }

    @Test
    void driverReloadIsWeathered_whenAnotherGpuHangs() {
        allHealthy();
        driver.script("gpus 3", "call nvmlDeviceGetPowerUsage gpu=1 hang");
        bench.beatUntil("unresponsive", poll -> poll.verdict().state() == State.DRIVER_UNRESPONSIVE);

        driver.script("load 2", "reload_ret 1", "gpus 3", "call nvmlDeviceGetPowerUsage gpu=1 hang");
        GpuPoll other = bench.beatUntil(
                "GPU 0 of the new driver", poll -> poll.gpu().index() == 0 && poll.generation() == 2 && isUp(poll));
        List<GpuFleet.Gpu> meanwhile = bench.probe().fleet().gpus();
        driver.script("load 2", "gpus 3");
        GpuPoll recovered =
                bench.beatUntil("GPU 1 of the new driver", poll -> poll.gpu().index() == 1 && isUp(poll));

        assertThat(other.generation()).isEqualTo(2);
        assertThat(meanwhile.get(1).verdict().state()).isEqualTo(State.DRIVER_UNRESPONSIVE);
        assertThat(recovered.generation()).isEqualTo(2);
        assertThat(driver.calls("nvmlShutdown")).isZero();
    }

    @Test
    void pollsComeByThemselves_whenTheProbeIsStarted() {
        CountDownLatch polls = new CountDownLatch(6);
        GpuConfig config = new GpuConfig(
                GpuConfig.Enabled.AUTO,
                driver.library().toString(),
                Duration.ofMillis(100),
                Duration.ofSeconds(5),
                new GpuConfig.Expected.Auto());
        GpuProbe probe = new GpuProbe(
                config,
                JnaNvml.opener(config.library()),
                InstantSource.system(),
                System::nanoTime,
                poll -> polls.countDown());

        probe.start();
        boolean spoke = probe.awaitFirstWord(Duration.ofSeconds(90));
        int counted = probe.fleet().gpus().size();
        ProbeBench.await("six polls", () -> polls.getCount() == 0);
        List<String> names = Thread.getAllStackTraces().keySet().stream()
                .filter(Thread::isDaemon)
                .map(Thread::getName)
                .toList();
        probe.stop();

        assertThat(spoke).isTrue();
        assertThat(counted).isEqualTo(3);
        assertThat(names).contains("gpu-0", "gpu-1", "gpu-2", "gpu-driver", "gpu-watch");
        assertThat(driver.inits()).isZero();
    }
}
