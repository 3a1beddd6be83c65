package io.inferwatch.gpu;

import io.inferwatch.gpu.Nvml.Device;
import java.time.Duration;
import java.util.OptionalInt;

/**
 * The part of NVML that tells what happened by itself. As in {@link Nvml}, a method is a C function and any may never
 * return. An NVML that has none of it is one of these defaults.
 */
public interface NvmlEvents {

    /** A queue in the driver of what happened to the GPUs registered with it: an opaque pointer. */
    record EventSet(long handle) {}

    /** {@code NVML_SYSTEM_EVENT_TYPE}: what happens to the driver's hold on a GPU. */
    enum DriverEvent {
        UNBIND,
        BIND
    }

    /** {@code nvmlEventTypeXidCriticalError}. */
    long XID_CRITICAL = 0x8;

    /**
     * {@code nvmlEventData_t}; the driver gives no time with it.
     *
     * @param type one bit of the mask registered
     * @param data the XID where the type is {@link #XID_CRITICAL}; 999: the driver does not know which
     * @param gpuInstance the MIG GPU instance it can be laid to
     */
    record Event(Device device, long type, long data, OptionalInt gpuInstance) {}

    /** {@code nvmlEventSetCreate}. */
    default Reading<EventSet> createEventSet() {
        return new Reading.Unsupported<>();
    }

    /** {@code nvmlEventSetFree}; no wait on the set may be under way. Answers nvmlReturn_t. */
    default int freeEventSet(EventSet set) {
        return NvmlCode.FUNCTION_NOT_FOUND;
    }

    /** {@code nvmlDeviceGetSupportedEventTypes}: a mask. */
    default Reading<Long> supportedEvents(Device device) {
        return new Reading.Unsupported<>();
    }

    /** {@code nvmlDeviceRegisterEvents}. Answers nvmlReturn_t. */
    default int registerEvents(Device device, long mask, EventSet set) {
        return NvmlCode.FUNCTION_NOT_FOUND;
    }

    /** {@code nvmlEventSetWait_v2}; {@link Reading.Stale} when nothing happened in that time. */
    default Reading<Event> awaitEvent(EventSet set, Duration atMost) {
        return new Reading.Unsupported<>();
    }

    /** {@code nvmlSystemEventSetCreate}, and registered for unbind and bind of the driver; drivers of 12.9 and newer. */
    default Reading<EventSet> createDriverEventSet() {
        return new Reading.Unsupported<>();
    }

    /** {@code nvmlSystemEventSetFree}. Answers nvmlReturn_t. */
    default int freeDriverEventSet(EventSet set) {
        return NvmlCode.FUNCTION_NOT_FOUND;
    }

    /** {@code nvmlSystemEventSetWait} without waiting; {@link Reading.Stale} when nothing happened. */
    default Reading<DriverEvent> pollDriverEvent(EventSet set) {
        return new Reading.Unsupported<>();
    }
}
