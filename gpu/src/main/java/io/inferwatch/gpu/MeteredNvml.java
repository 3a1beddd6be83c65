package io.inferwatch.gpu;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * NVML as one thread calls it: each call is timed, and the one under way can be named from outside. Once nobody waits for
 * the answers any more, nothing further is asked: the driver may have been replaced while a call hung.
 */
final class MeteredNvml implements Nvml {
    private final Nvml nvml;
    private final CallMeter meter;
    private final LongSupplier nanos;
    private volatile @Nullable String underWay;
    private BooleanSupplier tooLate = () -> false;

    MeteredNvml(Nvml nvml, CallMeter meter, LongSupplier nanos) {
        this.nvml = nvml;
        this.meter = meter;
        this.nanos = nanos;
    }

    /** Begins a round of questions, to which no answer is waited for after this. */
    void begin(BooleanSupplier isTooLate) {
        tooLate = isTooLate;
    }

    /** The C symbol the calling thread is in. Any thread. */
    Optional<String> underWay() {
        return Optional.ofNullable(underWay);
    }

    @Override
    public int init() {
        return code("nvmlInit_v2", nvml::init);
    }

    @Override
    public int shutdown() {
        return code("nvmlShutdown", nvml::shutdown);
    }

    @Override
    public Reading<String> driverVersion() {
        return reading("nvmlSystemGetDriverVersion", nvml::driverVersion);
    }

    @Override
    public Reading<Integer> deviceCount() {
        return reading("nvmlDeviceGetCount_v2", nvml::deviceCount);
    }

    @Override
    public Reading<Device> deviceByIndex(int index) {
        return reading("nvmlDeviceGetHandleByIndex_v2", () -> nvml.deviceByIndex(index));
    }

    @Override
    public Reading<Device> deviceByUuid(String uuid) {
        return reading("nvmlDeviceGetHandleByUUID", () -> nvml.deviceByUuid(uuid));
    }

    @Override
    public Reading<Integer> index(Device device) {
        return reading("nvmlDeviceGetIndex", () -> nvml.index(device));
    }

    @Override
    public Reading<String> uuid(Device device) {
        return reading("nvmlDeviceGetUUID", () -> nvml.uuid(device));
    }

    @Override
    public Reading<String> name(Device device) {
        return reading("nvmlDeviceGetName", () -> nvml.name(device));
    }

    @Override
    public Reading<Long> number(Device device, NumberQuery query) {
        return reading(query.symbol(), () -> nvml.number(device, query));
    }

    @Override
    public Reading<Utilization> utilization(Device device) {
        return reading("nvmlDeviceGetUtilizationRates", () -> nvml.utilization(device));
    }

    @Override
    public Reading<MemoryV1> memoryV1(Device device) {
        return reading("nvmlDeviceGetMemoryInfo", () -> nvml.memoryV1(device));
    }

    @Override
    public Reading<MemoryV2> memoryV2(Device device) {
        return reading("nvmlDeviceGetMemoryInfo_v2", () -> nvml.memoryV2(device));
    }

    @Override
    public Reading<List<RingSample>> samples(Device device, Ring ring, long after) {
        return reading("nvmlDeviceGetSamples", () -> nvml.samples(device, ring, after));
    }

    @Override
    public Reading<EventSet> createEventSet() {
        return reading("nvmlEventSetCreate", nvml::createEventSet);
    }

    @Override
    public int freeEventSet(EventSet set) {
        return code("nvmlEventSetFree", () -> nvml.freeEventSet(set));
    }

    @Override
    public Reading<Long> supportedEvents(Device device) {
        return reading("nvmlDeviceGetSupportedEventTypes", () -> nvml.supportedEvents(device));
    }

    @Override
    public int registerEvents(Device device, long mask, EventSet set) {
        return code("nvmlDeviceRegisterEvents", () -> nvml.registerEvents(device, mask, set));
    }

    @Override
    public Reading<Event> awaitEvent(EventSet set, Duration atMost) {
        return waited("nvmlEventSetWait_v2", () -> nvml.awaitEvent(set, atMost));
    }

    @Override
    public Reading<EventSet> createDriverEventSet() {
        return reading("nvmlSystemEventSetCreate", nvml::createDriverEventSet);
    }

    @Override
    public int freeDriverEventSet(EventSet set) {
        return code("nvmlSystemEventSetFree", () -> nvml.freeDriverEventSet(set));
    }

    @Override
    public Reading<DriverEvent> pollDriverEvent(EventSet set) {
        return reading("nvmlSystemEventSetWait", () -> nvml.pollDriverEvent(set));
    }

    @Override
    public Reading<List<ProcessUse>> processes(Device device, ProcessKind kind) {
        return reading(kind.symbol(), () -> nvml.processes(device, kind));
    }

    @Override
    public Reading<List<ProcessShare>> processShares(Device device, long after) {
        return reading("nvmlDeviceGetProcessesUtilizationInfo", () -> nvml.processShares(device, after));
    }

    @Override
    public Reading<Boolean> migMode(Device device) {
        return reading("nvmlDeviceGetMigMode", () -> nvml.migMode(device));
    }

    @Override
    public Reading<Integer> mostMigDevices(Device device) {
        return reading("nvmlDeviceGetMaxMigDeviceCount", () -> nvml.mostMigDevices(device));
    }

    @Override
    public Reading<Device> migDevice(Device device, int index) {
        return reading("nvmlDeviceGetMigDeviceHandleByIndex", () -> nvml.migDevice(device, index));
    }

    @Override
    public Reading<Integer> gpuInstance(Device migDevice) {
        return reading("nvmlDeviceGetGpuInstanceId", () -> nvml.gpuInstance(migDevice));
    }

    @Override
    public Reading<Integer> computeInstance(Device migDevice) {
        return reading("nvmlDeviceGetComputeInstanceId", () -> nvml.computeInstance(migDevice));
    }

    @Override
    public Reading<Integer> cudaVersion() {
        return reading("nvmlSystemGetCudaDriverVersion_v2", nvml::cudaVersion);
    }

    @Override
    public Reading<List<Reading<FieldValue>>> fieldValues(Device device, List<Field> fields) {
        return reading("nvmlDeviceGetFieldValues", () -> nvml.fieldValues(device, fields));
    }

    @Override
    public Reading<Long> wide(Device device, WideQuery query) {
        return reading(query.symbol(), () -> nvml.wide(device, query));
    }

    @Override
    public Reading<Integer> marginTemperature(Device device) {
        return reading("nvmlDeviceGetMarginTemperature", () -> nvml.marginTemperature(device));
    }

    @Override
    public Reading<Integer> temperatureV(Device device) {
        return reading("nvmlDeviceGetTemperatureV", () -> nvml.temperatureV(device));
    }

    @Override
    public Reading<SramErrors> sramErrors(Device device) {
        return reading("nvmlDeviceGetSramEccErrorStatus", () -> nvml.sramErrors(device));
    }

    @Override
    public Reading<RemappedRows> remappedRows(Device device) {
        return reading("nvmlDeviceGetRemappedRows", () -> nvml.remappedRows(device));
    }

    @Override
    public Reading<Long> violationNanos(Device device, int policy) {
        return reading("nvmlDeviceGetViolationStatus", () -> nvml.violationNanos(device, policy));
    }

    @Override
    public Reading<Boolean> gpmIsSupported(Device device) {
        return reading("nvmlGpmQueryDeviceSupport", () -> nvml.gpmIsSupported(device));
    }

    @Override
    public Reading<GpmSample> gpmAllocate() {
        return reading("nvmlGpmSampleAlloc", nvml::gpmAllocate);
    }

    @Override
    public int gpmFree(GpmSample sample) {
        return code("nvmlGpmSampleFree", () -> nvml.gpmFree(sample));
    }

    @Override
    public Reading<GpmSample> gpmTake(Device device, GpmSample sample) {
        return reading("nvmlGpmSampleGet", () -> nvml.gpmTake(device, sample));
    }

    @Override
    public Reading<GpmSample> gpmTakeOfInstance(Device parent, int gpuInstance, GpmSample sample) {
        return reading("nvmlGpmMigSampleGet", () -> nvml.gpmTakeOfInstance(parent, gpuInstance, sample));
    }

    @Override
    public Reading<List<Reading<Double>>> gpmMetrics(GpmSample earlier, GpmSample later, List<Integer> metrics) {
        return reading("nvmlGpmMetricsGet", () -> nvml.gpmMetrics(earlier, later, metrics));
    }

    @Override
    public void close() {
        nvml.close();
    }

    /** A call that sleeps in the driver until something happens: counted, and of no cost. */
    private <T> Reading<T> waited(String symbol, Supplier<Reading<T>> call) {
        underWay = symbol;
        try {
            return noted(call.get());
        } finally {
            underWay = null;
            meter.called(symbol, 0, nanos.getAsLong());
        }
    }

    private <T> Reading<T> reading(String symbol, Supplier<Reading<T>> call) {
        if (tooLate.getAsBoolean()) {
            return new Reading.Stale<>();
        }
        return noted(timed(symbol, call));
    }

    private <T> Reading<T> noted(Reading<T> answer) {
        if (answer instanceof Reading.Failed<T>(int code)) {
            meter.failed(code);
        } else if (answer instanceof Reading.NoPermission<T>) {
            meter.failed(NvmlCode.NO_PERMISSION);
        }
        return answer;
    }

    private int code(String symbol, IntSupplier call) {
        int code = timed(symbol, call::getAsInt);
        if (code != NvmlCode.SUCCESS) {
            meter.failed(code);
        }
        return code;
    }

    private <R> R timed(String symbol, Supplier<R> call) {
        long began = nanos.getAsLong();
        underWay = symbol;
        try {
            return call.get();
        } finally {
            underWay = null;
            long now = nanos.getAsLong();
            meter.called(symbol, now - began, now);
        }
    }
}
