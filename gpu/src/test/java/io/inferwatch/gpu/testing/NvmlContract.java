package io.inferwatch.gpu.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.gpu.Nvml;
import io.inferwatch.gpu.Nvml.Device;
import io.inferwatch.gpu.Nvml.NumberQuery;
import io.inferwatch.gpu.Nvml.RingSample;
import io.inferwatch.gpu.NvmlCode;
import io.inferwatch.gpu.NvmlFields.Field;
import io.inferwatch.gpu.NvmlFields.FieldValue;
import io.inferwatch.gpu.NvmlFields.RemappedRows;
import io.inferwatch.gpu.NvmlFields.SramErrors;
import io.inferwatch.gpu.NvmlFields.WideQuery;
import io.inferwatch.gpu.NvmlGpm.GpmSample;
import io.inferwatch.gpu.Reading;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
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
    void fieldsAreAnsweredRowByRow_andOneNobodyKnowsIsUnsupported() {
        List<Field> asked = List.of(Field.of(83), Field.of(82), Field.of(60_000), Field.ofAllLinks(138), Field.of(94));
        for (Device device : devices()) {
            if (nvml.fieldValues(device, asked)
                    instanceof Reading.Value<List<Reading<FieldValue>>>(List<Reading<FieldValue>> rows)) {
                assertThat(rows).hasSameSizeAs(asked);
                assertThat(rows.get(2)).isEqualTo(new Reading.Unsupported<FieldValue>());
                assertThat(rows)
                        .filteredOn(row -> row instanceof Reading.Value)
                        .allSatisfy(row -> assertThat(value(row).value()).isBetween(0.0, 1e18));
            }
        }
    }

    @Test
    void countersNeverFall_fromOneCallToTheNext() {
        List<Field> counters = IntStream.of(3, 4, 74, 76, 77, 79, 83, 94, 142, 143)
                .mapToObj(Field::of)
                .toList();
        for (Device device : devices()) {
            if (nvml.fieldValues(device, counters) instanceof Reading.Value<List<Reading<FieldValue>>>(var first)
                    && nvml.fieldValues(device, counters)
                            instanceof Reading.Value<List<Reading<FieldValue>>>(var second)) {
                for (int i = 0; i < first.size(); i++) {
                    if (first.get(i) instanceof Reading.Value<FieldValue>(FieldValue before)
                            && second.get(i) instanceof Reading.Value<FieldValue>(FieldValue after)) {
                        assertThat(after.value())
                                .as("field %d", counters.get(i).number())
                                .isGreaterThanOrEqualTo(before.value());
                    }
                }
            }
        }
    }

    /** The energy counter is asked in two ways; both are of the same counter. */
    @Test
    void energyIsTheSame_whicheverWayItIsAsked() {
        for (Device device : devices()) {
            if (nvml.wide(device, WideQuery.of("nvmlDeviceGetTotalEnergyConsumption"))
                            instanceof Reading.Value<Long>(Long millijoules)
                    && nvml.fieldValues(device, List.of(Field.of(83)))
                            instanceof Reading.Value<List<Reading<FieldValue>>>(var rows)
                    && rows.getFirst() instanceof Reading.Value<FieldValue>(FieldValue field)) {
                assertThat(field.value()).isBetween((double) millijoules, millijoules + 2e6);
            }
        }
    }

    @Test
    void versionedStructsAreTaken_whereTheDriverHasThem() {
        for (Device device : devices()) {
            assertThat(nvml.marginTemperature(device)).isNotEqualTo(new Reading.Failed<Integer>(25));
            if (nvml.marginTemperature(device) instanceof Reading.Value<Integer>(Integer celsius)) {
                assertThat(celsius).isBetween(-100, 200);
            }
            if (nvml.temperatureV(device) instanceof Reading.Value<Integer>(Integer celsius)) {
                assertThat(celsius).isBetween(-50, 150);
            }
            if (nvml.sramErrors(device) instanceof Reading.Value<SramErrors>(SramErrors errors)) {
                assertThat(errors.parity()).isNotNegative();
                assertThat(errors.secDed()).isNotNegative();
                assertThat(errors.corrected()).isNotNegative();
            }
            if (nvml.remappedRows(device) instanceof Reading.Value<RemappedRows>(RemappedRows rows)) {
                assertThat(rows.correctable()).isBetween(0L, 1L << 20);
                assertThat(rows.uncorrectable()).isBetween(0L, 1L << 20);
            }
        }
    }

    @Test
    void cudaVersionIsMajorTimesAThousand_always() {
        assertThat(value(nvml.cudaVersion())).isBetween(11_000, 99_000);
    }

    /** How long two samples must lie apart, and a little more. */
    protected void passGpmWindow() {
        LockSupport.parkNanos(150_000_000L);
    }

    @Test
    void activityIsWithinItsRange_whereTheGpuHasGpm() {
        List<Integer> percents = List.of(1, 2, 3, 5, 10);
        for (Device device : devices()) {
            if (nvml.gpmIsSupported(device) instanceof Reading.Value<Boolean>(Boolean isSupported) && isSupported) {
                GpmSample earlier = value(nvml.gpmAllocate());
                GpmSample later = value(nvml.gpmAllocate());
                if (nvml.gpmTake(device, earlier) instanceof Reading.Value<GpmSample>) {
                    passGpmWindow();
                    value(nvml.gpmTake(device, later));
                    for (Reading<Double> percent : value(nvml.gpmMetrics(earlier, later, percents))) {
                        if (percent instanceof Reading.Value<Double>(Double told) && !told.isNaN()) {
                            assertThat(told).isBetween(0.0, 100.0);
                        }
                    }
                }
                assertThat(nvml.gpmFree(earlier)).isEqualTo(NvmlCode.SUCCESS);
                assertThat(nvml.gpmFree(later)).isEqualTo(NvmlCode.SUCCESS);
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
