package io.inferwatch.gpu.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.gpu.Nvml;
import io.inferwatch.gpu.Nvml.Device;
import io.inferwatch.gpu.Nvml.NumberQuery;
import io.inferwatch.gpu.Nvml.RingSample;
import io.inferwatch.gpu.NvmlCode;
import io.inferwatch.gpu.Reading;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What holds of every {@link Nvml}, scripted, simulated or the one of this machine: invariants, not values. */
public abstract class NvmlContract {
    private Nvml nvml;

    /** Where the NVML under test is found; one that is not found is reported as not run, with its reason. */
    protected abstract Nvml.Opener opener();

    @SuppressWarnings("NullAway.Init") // set before each test
    protected NvmlContract() {}

    @BeforeEach
    void open() {
        nvml = switch (opener().open()) {
            case Nvml.Opened.Found(Nvml found) -> found;
            case Nvml.Opened.NotFound(String reason) -> Assumptions.abort("not run: " + reason);
        };
        int code = nvml.init();
        Assumptions.assumeTrue(code == NvmlCode.SUCCESS, () -> "not run: nvmlInit_v2: " + NvmlCode.text(code));
    }

    @AfterEach
    void shutDown() {
        if (nvml != null) {
            nvml.shutdown();
        }
    }

    private List<Device> devices() {
        List<Device> devices = new ArrayList<>();
        for (int index = 0; index < value(nvml.deviceCount()); index++) {
            if (nvml.deviceByIndex(index) instanceof Reading.Value<Device>(Device device)) {
                devices.add(device);
            }
        }
        return devices;
    }

    private static <T> T value(Reading<T> reading) {
        if (reading instanceof Reading.Value<T>(T value)) {
            return value;
        }
        throw new AssertionError("no value: " + reading);
    }

    @Test
    void driverVersionIsNumbersAndDots_always() {
        assertThat(value(nvml.driverVersion())).matches("\\d+(\\.\\d+)+");
    }

    @Test
    void uuidsAreDistinctAndFindTheirGpu_always() {
        Set<String> uuids = new HashSet<>();
        for (Device device : devices()) {
            String uuid = value(nvml.uuid(device));
            assertThat(uuid).startsWith("GPU-");
            assertThat(uuids.add(uuid)).isTrue();
            assertThat(value(nvml.uuid(value(nvml.deviceByUuid(uuid))))).isEqualTo(uuid);
            assertThat(value(nvml.index(device))).isBetween(0, value(nvml.deviceCount()) - 1);
            assertThat(value(nvml.name(device))).isNotBlank();
        }
    }

    @Test
    void noDeviceIsFound_whenNoneIsThere() {
        assertThat(nvml.deviceByIndex(4095)).isInstanceOf(Reading.Failed.class);
        assertThat(nvml.deviceByUuid("GPU-ffffffff-ffff-ffff-ffff-ffffffffffff"))
                .isInstanceOf(Reading.Failed.class);
    }

    @Test
    void functionIsUnsupported_whenTheLibraryLacksIt() {
        for (Device device : devices()) {
            assertThat(nvml.number(device, NumberQuery.of("nvmlDeviceGetNothingOfTheKind")))
                    .isEqualTo(new Reading.Unsupported<Long>());
        }
    }

    @Test
    void memoryAddsUp_whereItIsTold() {
        for (Device device : devices()) {
            if (nvml.memoryV2(device) instanceof Reading.Value<Nvml.MemoryV2>(Nvml.MemoryV2 memory)) {
                assertThat(memory.totalBytes()).isPositive();
                assertThat(memory.usedBytes() + memory.reservedBytes()).isBetween(0L, memory.totalBytes());
                assertThat(value(nvml.memoryV1(device)).totalBytes()).isEqualTo(memory.totalBytes());
            }
        }
    }

    @Test
    void ringGivesNothingTwice_whenAskedPastItsNewest() {
        for (Device device : devices()) {
            Reading<List<RingSample>> all = nvml.samples(device, Nvml.Ring.GPU_UTILIZATION, 0);
            if (all instanceof Reading.Value<List<RingSample>>(List<RingSample> samples)) {
                long newest = samples.stream()
                        .max(Comparator.comparingLong(RingSample::timestamp))
                        .orElseThrow()
                        .timestamp();
                if (nvml.samples(device, Nvml.Ring.GPU_UTILIZATION, newest)
                        instanceof Reading.Value<List<RingSample>>(List<RingSample> later)) {
                    assertThat(later).allMatch(sample -> sample.timestamp() > newest);
                }
            }
        }
    }

    @Test
    void initIsCounted_whenDoneTwice() {
        assertThat(nvml.init()).isEqualTo(NvmlCode.SUCCESS);
        assertThat(nvml.shutdown()).isEqualTo(NvmlCode.SUCCESS);

        assertThat(nvml.deviceCount()).isInstanceOf(Reading.Value.class);
    }
}
