package io.inferwatch.gpu.jna;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.inferwatch.gpu.Nvml.Device;
import io.inferwatch.gpu.NvmlCode;
import io.inferwatch.gpu.NvmlEvents.DriverEvent;
import io.inferwatch.gpu.NvmlEvents.Event;
import io.inferwatch.gpu.NvmlEvents.EventSet;
import io.inferwatch.gpu.Reading;
import java.time.Duration;
import java.util.OptionalInt;

/** The C functions of event sets. Called by one thread at a time; each call has memory of its own. */
final class EventCalls {
    /** In place of an instance id: not to be laid to one. */
    private static final int NO_INSTANCE = 0xFFFFFFFF;

    private static final long DRIVER_UNBIND = 0x1;
    private static final long DRIVER_BIND = 0x2;

    private final Call call;

    /** A C function by its symbol. */
    @FunctionalInterface
    interface Call {
        int invoke(String symbol, Object... arguments);
    }

    EventCalls(Call call) {
        this.call = call;
    }

    Reading<EventSet> create() {
        Memory out = cleared(Long.BYTES);
        return NvmlCode.reading(call.invoke("nvmlEventSetCreate", out), () -> new EventSet(out.getLong(0)));
    }

    Reading<Event> await(EventSet set, Duration atMost) {
        Memory out = cleared(NvmlLayout.EVENT_DATA.sizeBytes());
        int code = call.invoke("nvmlEventSetWait_v2", new Pointer(set.handle()), out, (int) atMost.toMillis());
        return NvmlCode.reading(code, () -> {
            int instance = out.getInt(24);
            return new Event(
                    new Device(out.getLong(0)),
                    out.getLong(8),
                    out.getLong(16),
                    instance == NO_INSTANCE ? OptionalInt.empty() : OptionalInt.of(instance));
        });
    }

    Reading<EventSet> createForDriver() {
        Memory request = cleared(NvmlLayout.SYSTEM_EVENT_SET.sizeBytes());
        request.setInt(0, NvmlLayout.SYSTEM_EVENT_SET.versionWord());
        int code = call.invoke("nvmlSystemEventSetCreate", request);
        if (code != NvmlCode.SUCCESS) {
            return NvmlCode.reading(code, () -> new EventSet(0));
        }
        EventSet set = new EventSet(request.getLong(8));
        Memory register = cleared(NvmlLayout.SYSTEM_REGISTER_EVENT.sizeBytes());
        register.setInt(0, NvmlLayout.SYSTEM_REGISTER_EVENT.versionWord());
        register.setLong(8, DRIVER_UNBIND | DRIVER_BIND);
        register.setLong(16, set.handle());
        int registered = call.invoke("nvmlSystemRegisterEvents", register);
        if (registered != NvmlCode.SUCCESS) {
            freeForDriver(set);
        }
        return NvmlCode.reading(registered, () -> set);
    }

    int freeForDriver(EventSet set) {
        Memory request = cleared(NvmlLayout.SYSTEM_EVENT_SET.sizeBytes());
        request.setInt(0, NvmlLayout.SYSTEM_EVENT_SET.versionWord());
        request.setLong(8, set.handle());
        return call.invoke("nvmlSystemEventSetFree", request);
    }

    Reading<DriverEvent> pollDriver(EventSet set) {
        Memory data = cleared(NvmlLayout.SYSTEM_EVENT_DATA.sizeBytes());
        Memory request = cleared(NvmlLayout.SYSTEM_EVENT_WAIT.sizeBytes());
        request.setInt(0, NvmlLayout.SYSTEM_EVENT_WAIT.versionWord());
        request.setLong(8, set.handle());
        request.setPointer(16, data);
        request.setInt(24, 1);
        int code = call.invoke("nvmlSystemEventSetWait", request);
        if (code == NvmlCode.SUCCESS && request.getInt(28) == 0) {
            return new Reading.Stale<>();
        }
        return NvmlCode.reading(code, () -> data.getLong(0) == DRIVER_UNBIND ? DriverEvent.UNBIND : DriverEvent.BIND);
    }

    private static Memory cleared(int bytes) {
        Memory memory = new Memory(bytes);
        memory.clear();
        return memory;
    }
}
