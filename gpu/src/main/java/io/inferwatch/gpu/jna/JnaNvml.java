package io.inferwatch.gpu.jna;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import io.inferwatch.gpu.Nvml;
import io.inferwatch.gpu.NvmlCode;
import io.inferwatch.gpu.Reading;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * NVML's C functions. Each symbol is looked up before its first call: an older driver lacks some, which is answered as
 * {@code FUNCTION_NOT_FOUND}. Called by handle rather than by a mapped class, because one missing symbol would fail the
 * whole class; the µs a call costs more is nothing beside the driver.
 *
 * <p>Out-parameters are raw memory, one block a thread, zeroed before a call and read only after success.
 */
public final class JnaNvml implements Nvml {
    private final NativeLibrary library;
    private final Map<String, Optional<Function>> functions = new ConcurrentHashMap<>();
    private final ThreadLocal<Memory> scratch = ThreadLocal.withInitial(() -> new Memory(NvmlLayout.SCRATCH_BYTES));
    private final SampleRings rings = new SampleRings(this::call);
    private final EventCalls events = new EventCalls(this::call);
    private final ProcessCalls processes = new ProcessCalls(this::call, this::has);
    private final FieldBlock fieldBlock = new FieldBlock(this::call);
    private final GpmBlock gpm = new GpmBlock(this::call);

    JnaNvml(NativeLibrary library) {
        this.library = library;
    }

    /** @param library the configured path; empty: the usual places */
    public static Nvml.Opener opener(String library) {
        return () -> NvmlLibrary.open(library);
    }

    @Override
    public int init() {
        return call("nvmlInit_v2");
    }

    @Override
    public int shutdown() {
        return call("nvmlShutdown");
    }

    @Override
    public Reading<String> driverVersion() {
        Memory out = cleared();
        int code = call("nvmlSystemGetDriverVersion", out, NvmlLayout.DRIVER_VERSION_BYTES);
        return NvmlCode.reading(code, () -> text(out, NvmlLayout.DRIVER_VERSION_BYTES));
    }

    @Override
    public Reading<Integer> deviceCount() {
        Memory out = cleared();
        return NvmlCode.reading(call("nvmlDeviceGetCount_v2", out), () -> out.getInt(0));
    }

    @Override
    public Reading<Device> deviceByIndex(int index) {
        Memory out = cleared();
        return NvmlCode.reading(call("nvmlDeviceGetHandleByIndex_v2", index, out), () -> new Device(out.getLong(0)));
    }

    @Override
    public Reading<Device> deviceByUuid(String uuid) {
        Memory out = cleared();
        return NvmlCode.reading(call("nvmlDeviceGetHandleByUUID", uuid, out), () -> new Device(out.getLong(0)));
    }

    @Override
    public Reading<Integer> index(Device device) {
        Memory out = cleared();
        return NvmlCode.reading(call("nvmlDeviceGetIndex", pointer(device), out), () -> out.getInt(0));
    }

    @Override
    public Reading<String> uuid(Device device) {
        return deviceText("nvmlDeviceGetUUID", device);
    }

    @Override
    public Reading<String> name(Device device) {
        return deviceText("nvmlDeviceGetName", device);
    }

    @Override
    public Reading<Long> number(Device device, NumberQuery query) {
        Memory out = cleared();
        int code = query.selector().isPresent()
                ? call(query.symbol(), pointer(device), query.selector().getAsInt(), out)
                : call(query.symbol(), pointer(device), out);
        return NvmlCode.reading(code, () -> Integer.toUnsignedLong(out.getInt(0)));
    }

    @Override
    public Reading<Utilization> utilization(Device device) {
        Memory out = cleared();
        return NvmlCode.reading(
                call("nvmlDeviceGetUtilizationRates", pointer(device), out),
                () -> new Utilization(Integer.toUnsignedLong(out.getInt(0)), Integer.toUnsignedLong(out.getInt(4))));
    }

    @Override
    public Reading<MemoryV1> memoryV1(Device device) {
        Memory out = cleared();
        return NvmlCode.reading(
                call("nvmlDeviceGetMemoryInfo", pointer(device), out),
                () -> new MemoryV1(out.getLong(0), out.getLong(8), out.getLong(16)));
    }

    @Override
    public Reading<MemoryV2> memoryV2(Device device) {
        Memory out = cleared();
        out.setInt(0, NvmlLayout.MEMORY_V2.versionWord());
        return NvmlCode.reading(
                call("nvmlDeviceGetMemoryInfo_v2", pointer(device), out),
                () -> new MemoryV2(out.getLong(8), out.getLong(16), out.getLong(24), out.getLong(32)));
    }

    @Override
    public Reading<List<RingSample>> samples(Device device, Ring ring, long after) {
        return rings.read(pointer(device), ring.samplingType(), after);
    }

    @Override
    public Reading<EventSet> createEventSet() {
        return events.create();
    }

    @Override
    public int freeEventSet(EventSet set) {
        return call("nvmlEventSetFree", new Pointer(set.handle()));
    }

    @Override
    public Reading<Long> supportedEvents(Device device) {
        Memory out = cleared();
        return NvmlCode.reading(call("nvmlDeviceGetSupportedEventTypes", pointer(device), out), () -> out.getLong(0));
    }

    @Override
    public int registerEvents(Device device, long mask, EventSet set) {
        return call("nvmlDeviceRegisterEvents", pointer(device), mask, new Pointer(set.handle()));
    }

    @Override
    public Reading<Event> awaitEvent(EventSet set, Duration atMost) {
        return events.await(set, atMost);
    }

    @Override
    public Reading<EventSet> createDriverEventSet() {
        return events.createForDriver();
    }

    @Override
    public int freeDriverEventSet(EventSet set) {
        return events.freeForDriver(set);
    }

    @Override
    public Reading<DriverEvent> pollDriverEvent(EventSet set) {
        return events.pollDriver(set);
    }

    @Override
    public Reading<List<ProcessUse>> processes(Device device, ProcessKind kind) {
        return processes.running(pointer(device), kind.symbol());
    }

    @Override
    public Reading<List<ProcessShare>> processShares(Device device, long after) {
        return processes.shares(pointer(device), after);
    }

    @Override
    public Reading<Boolean> migMode(Device device) {
        Memory out = cleared();
        return NvmlCode.reading(
                call("nvmlDeviceGetMigMode", pointer(device), out, out.share(4)), () -> out.getInt(0) == 1);
    }

    @Override
    public Reading<Integer> mostMigDevices(Device device) {
        return deviceNumber("nvmlDeviceGetMaxMigDeviceCount", device);
    }

    @Override
    public Reading<Device> migDevice(Device device, int index) {
        Memory out = cleared();
        return NvmlCode.reading(
                call("nvmlDeviceGetMigDeviceHandleByIndex", pointer(device), index, out),
                () -> new Device(out.getLong(0)));
    }

    @Override
    public Reading<Integer> gpuInstance(Device migDevice) {
        return deviceNumber("nvmlDeviceGetGpuInstanceId", migDevice);
    }

    @Override
    public Reading<Integer> computeInstance(Device migDevice) {
        return deviceNumber("nvmlDeviceGetComputeInstanceId", migDevice);
    }

    private Reading<Integer> deviceNumber(String symbol, Device device) {
        Memory out = cleared();
        return NvmlCode.reading(call(symbol, pointer(device), out), () -> out.getInt(0));
    }

    @Override
    public Reading<Integer> cudaVersion() {
        Memory out = cleared();
        return NvmlCode.reading(call("nvmlSystemGetCudaDriverVersion_v2", out), () -> out.getInt(0));
    }

    @Override
    public Reading<List<Reading<FieldValue>>> fieldValues(Device device, List<Field> fields) {
        return fieldBlock.read(pointer(device), fields);
    }

    @Override
    public Reading<Long> wide(Device device, WideQuery query) {
        Memory out = cleared();
        List<Object> arguments = new ArrayList<>();
        arguments.add(pointer(device));
        arguments.addAll(query.selectors());
        arguments.add(out);
        return NvmlCode.reading(call(query.symbol(), arguments.toArray()), () -> out.getLong(0));
    }

    @Override
    public Reading<Integer> marginTemperature(Device device) {
        Memory out = cleared();
        out.setInt(0, NvmlLayout.MARGIN_TEMPERATURE.versionWord());
        return NvmlCode.reading(call("nvmlDeviceGetMarginTemperature", pointer(device), out), () -> out.getInt(4));
    }

    @Override
    public Reading<Integer> temperatureV(Device device) {
        Memory out = cleared();
        out.setInt(0, NvmlLayout.TEMPERATURE.versionWord());
        return NvmlCode.reading(call("nvmlDeviceGetTemperatureV", pointer(device), out), () -> out.getInt(8));
    }

    @Override
    public Reading<SramErrors> sramErrors(Device device) {
        Memory out = cleared();
        out.setInt(0, NvmlLayout.SRAM_ERRORS.versionWord());
        return NvmlCode.reading(
                call("nvmlDeviceGetSramEccErrorStatus", pointer(device), out),
                () -> new SramErrors(out.getLong(32), out.getLong(40), out.getLong(48), out.getInt(96) != 0));
    }

    @Override
    public Reading<RemappedRows> remappedRows(Device device) {
        Memory out = cleared();
        int code = call("nvmlDeviceGetRemappedRows", pointer(device), out, out.share(4), out.share(8), out.share(12));
        return NvmlCode.reading(
                code,
                () -> new RemappedRows(
                        Integer.toUnsignedLong(out.getInt(0)),
                        Integer.toUnsignedLong(out.getInt(4)),
                        out.getInt(8) != 0,
                        out.getInt(12) != 0));
    }

    @Override
    public Reading<Long> violationNanos(Device device, int policy) {
        Memory out = cleared();
        return NvmlCode.reading(
                call("nvmlDeviceGetViolationStatus", pointer(device), policy, out), () -> out.getLong(8));
    }

    @Override
    public Reading<Boolean> gpmIsSupported(Device device) {
        return gpm.isSupported(pointer(device), cleared());
    }

    @Override
    public Reading<GpmSample> gpmAllocate() {
        return gpm.allocate(cleared());
    }

    @Override
    public int gpmFree(GpmSample sample) {
        return gpm.free(sample);
    }

    @Override
    public Reading<GpmSample> gpmTake(Device device, GpmSample sample) {
        return gpm.take(device, sample);
    }

    @Override
    public Reading<GpmSample> gpmTakeOfInstance(Device parent, int gpuInstance, GpmSample sample) {
        return gpm.takeOfInstance(parent, gpuInstance, sample);
    }

    @Override
    public Reading<List<Reading<Double>>> gpmMetrics(GpmSample earlier, GpmSample later, List<Integer> metrics) {
        return gpm.metrics(earlier, later, metrics);
    }

    @Override
    public void close() {
        functions.clear();
        library.close();
    }

    private Reading<String> deviceText(String symbol, Device device) {
        Memory out = cleared();
        int code = call(symbol, pointer(device), out, NvmlLayout.DEVICE_TEXT_BYTES);
        return NvmlCode.reading(code, () -> text(out, NvmlLayout.DEVICE_TEXT_BYTES));
    }

    private int call(String symbol, Object... arguments) {
        return functions
                .computeIfAbsent(symbol, this::probe)
                .map(function -> function.invokeInt(arguments))
                .orElse(NvmlCode.FUNCTION_NOT_FOUND);
    }

    private boolean has(String symbol) {
        return functions.computeIfAbsent(symbol, this::probe).isPresent();
    }

    private Optional<Function> probe(String symbol) {
        try {
            return Optional.of(library.getFunction(symbol));
        } catch (UnsatisfiedLinkError missing) {
            return Optional.empty();
        }
    }

    private Memory cleared() {
        Memory memory = scratch.get();
        memory.clear();
        return memory;
    }

    private static Pointer pointer(Device device) {
        return new Pointer(device.handle());
    }

    /** Up to the first NUL, and never past the buffer: some driver will one day forget the NUL. */
    private static String text(Memory out, int bytes) {
        byte[] raw = out.getByteArray(0, bytes);
        int length = 0;
        while (length < bytes && raw[length] != 0) {
            length++;
        }
        return new String(raw, 0, length, StandardCharsets.UTF_8);
    }
}
