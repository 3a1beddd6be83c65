package io.inferwatch.gpu;

import io.inferwatch.gpu.Nvml.Device;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One GPU within one driver generation: found by its index the first time, by its UUID ever after, because a loss
 * shifts the indexes. One thread.
 */
final class GpuSession {
    private static final String UNNAMED = "NVIDIA GPU";

    private final Nvml nvml;
    private final int slot;
    private final GpuConfig config;
    private final GpmWindow.Access gpm;
    private final LongSupplier nanos;
    private @Nullable GpuIdentity identity;
    private @Nullable DeviceInquiry inquiry;
    private @Nullable Device device;
    private Schedule schedule;

    GpuSession(Nvml nvml, int slot, GpuConfig config, GpmWindow.Access gpm, LongSupplier nanos) {
        this.nvml = nvml;
        this.slot = slot;
        this.config = config;
        this.gpm = gpm;
        this.nanos = nanos;
        this.schedule = new Schedule(config, nanos);
    }

    /**
     * What a visit brought.
     *
     * @param gpu who it is; null until it has said so
     */
    record Visit(@Nullable GpuIdentity gpu, Standing standing, List<FieldReading> readings) {}

    /** @see FieldReader#read */
    Visit visit(Consumer<GpuField> garbage) {
        if (inquiry == null) {
            Reading<DeviceInquiry> found = find();
            if (!(found instanceof Reading.Value<DeviceInquiry>(DeviceInquiry inquiryFound))) {
                Standing standing = standing(found);
                return new Visit(identity, standing, FieldReader.absent(standing));
            }
            inquiry = inquiryFound;
            schedule = new Schedule(config, nanos);
        }
        DeviceInquiry asked = inquiry;
        List<FieldReading> readings = FieldReader.read(asked, schedule.due(), garbage);
        Standing standing = Standing.of(readings);
        if (standing instanceof Standing.Lost || standing instanceof Standing.DriverGone) {
            asked.free();
            inquiry = null;
            return new Visit(identity, standing, readings);
        }
        List<FieldReading> all = Stream.concat(readings.stream(), asked.instances().read(garbage).stream())
                .toList();
        return new Visit(identity, standing, all);
    }

    /** How it is divided, as last found; holds for the visits to come. */
    void divided(List<MigInstance> instances) {
        if (inquiry != null) {
            inquiry.instances()
                    .divided(instances.stream().map(MigInstance::gpuInstance).toList());
        }
    }

    /** Its handle, as last found. */
    Optional<Device> device() {
        return Optional.ofNullable(device);
    }

    private Reading<DeviceInquiry> find() {
        GpuIdentity known = identity;
        Reading<Device> handle = known == null ? nvml.deviceByIndex(slot) : nvml.deviceByUuid(known.uuid());
        if (!(handle instanceof Reading.Value<Device>(Device found))) {
            return handle.map(this::inquiry);
        }
        Reading<GpuIdentity> told = identify(found);
        if (told instanceof Reading.Value<GpuIdentity>(GpuIdentity gpu)) {
            identity = gpu;
        }
        device = found;
        return told.map(gpu -> inquiry(found));
    }

    private DeviceInquiry inquiry(Device handle) {
        return new DeviceInquiry(nvml, handle, gpm, nanos);
    }

    private Reading<GpuIdentity> identify(Device device) {
        Reading<String> uuid = nvml.uuid(device);
        if (!(uuid instanceof Reading.Value<String>(String known))) {
            return uuid.map(none -> new GpuIdentity(slot, none, UNNAMED));
        }
        int index = nvml.index(device) instanceof Reading.Value<Integer>(Integer now) ? now : slot;
        String name = nvml.name(device) instanceof Reading.Value<String>(String product) ? product : UNNAMED;
        return new Reading.Value<>(new GpuIdentity(index, known, name));
    }

    private static Standing standing(Reading<DeviceInquiry> notFound) {
        return switch (notFound) {
            case Reading.Failed<DeviceInquiry>(int code) ->
                Standing.fatal(code).orElseGet(() -> new Standing.Lost(code));
            case Reading.NoPermission<DeviceInquiry>() -> new Standing.Forbidden();
            case Reading.Unsupported<DeviceInquiry>() -> new Standing.Lost(NvmlCode.NOT_SUPPORTED);
            case Reading.Stale<DeviceInquiry>() -> new Standing.Lost(NvmlCode.NOT_READY);
            case Reading.Value<DeviceInquiry> found -> new Standing.Answering(Optional.empty());
        };
    }
}
