package io.inferwatch.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.gpu.XidEvent.Origin;
import io.inferwatch.gpu.host.KernelLog;
import io.inferwatch.gpu.host.ProcFs;
import io.inferwatch.gpu.host.ServerFinder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** XIDs of the kernel log beside those that NVML tells of. */
class KernelWatchTest {
    private static final GpuIdentity GPU = new GpuIdentity(3, "GPU-aa", "NVIDIA H100");
    private static final String BUS = "0000:3b:00";

    private final AtomicLong nanos = new AtomicLong();
    private final List<XidEvent> told = new ArrayList<>();
    private final FleetDesk desk;
    private final KernelWatch watch;

    KernelWatchTest(@TempDir Path root) throws IOException {
        Path folder = Files.createDirectories(root.resolve("driver/nvidia/gpus/" + BUS + ".0"));
        Files.writeString(folder.resolve("information"), "GPU UUID: \t GPU-aa\n");
        ProcFs proc = new ProcFs(root);
        GpuSink sink = new GpuSink() {
            @Override
            public void poll(GpuPoll poll) {}

            @Override
            public void xid(XidEvent event) {
                told.add(event);
            }
        };
        desk = new FleetDesk(
                new GpuConfig.Expected.Auto(),
                sink,
                FleetMemory.NONE,
                new Assignments(List.of(), new ServerFinder(proc, nanos::get)));
        watch = new KernelWatch(root.resolve("kmsg"), proc, nanos::get, desk);
        desk.take(GPU, 1, ProbeBench.START, Diagnosis.healthy(), List.of());
    }

    private void inLog(int xid) {
        watch.inLog(new KernelLog.Xid(BUS, xid, 0));
    }

    private void byNvml(int xid) {
        watch.byNvml(new XidEvent(GPU, ProbeBench.START, xid, OptionalInt.empty(), Origin.NVML));
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
        watch.tell(ProbeBench.START.plusNanos(nanos.get()));
    }

    @Test
    void xidIsTold_whenNvmlDoesNotTellOfItInTime() {
        inLog(62);
        pass(Duration.ofSeconds(4));
        assertThat(told).isEmpty();

        pass(Duration.ofSeconds(1));
        pass(Duration.ofSeconds(60));

        assertThat(told).singleElement().satisfies(event -> {
            assertThat(event.gpu()).isEqualTo(GPU);
            assertThat(event.xid()).isEqualTo(62);
            assertThat(event.origin()).isEqualTo(Origin.KERNEL_LOG);
        });
        assertThat(desk.gpus().getFirst().xids()).hasSize(1);
    }

    @Test
    void xidIsNotToldTwice_whenNvmlTellsOfItToo() {
        inLog(79);
        pass(Duration.ofSeconds(2));
        byNvml(79);
        byNvml(31);
        inLog(31);
        pass(Duration.ofSeconds(60));

        assertThat(told).isEmpty();
    }

    @Test
    void eachIsMatchedOnce_whenTheLogHasMoreThanNvml() {
        byNvml(31);
        inLog(31);
        inLog(31);
        inLog(94);
        pass(Duration.ofSeconds(5));

        assertThat(told).extracting(XidEvent::xid).containsExactly(31, 94);
    }

    @Test
    void whatNvmlToldLongAgoIsNotTheSame() {
        byNvml(31);
        pass(Duration.ofSeconds(11));
        inLog(31);
        pass(Duration.ofSeconds(5));

        assertThat(told).hasSize(1);
    }

    @Test
    void gpuThatNobodyKnowsIsPassedOver() {
        watch.inLog(new KernelLog.Xid("0000:af:00", 79, 0));
        pass(Duration.ofSeconds(60));

        assertThat(told).isEmpty();
    }
}
