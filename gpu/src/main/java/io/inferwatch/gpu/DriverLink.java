package io.inferwatch.gpu;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The way to the driver: finds the library, initialises NVML, and does so again when the driver was replaced. One thread. */
final class DriverLink {
    private final Nvml.Opener opener;
    private final CallMeter meter;
    private final GpmGate gpm;
    private final LongSupplier nanos;
    private @Nullable Nvml library;
    private volatile @Nullable MeteredNvml nvml;
    private int initsToUndo;
    private final AtomicInteger generation = new AtomicInteger();
    private boolean mustReopen;

    DriverLink(Nvml.Opener opener, CallMeter meter, GpmGate gpm, LongSupplier nanos) {
        this.opener = opener;
        this.meter = meter;
        this.gpm = gpm;
        this.nanos = nanos;
    }

    /** Whether there is a driver to ask. */
    sealed interface State {
        /** @param reason for the operator */
        record Absent(String reason) implements State {}

        /**
         * @param nvml unmetered: each thread that calls meters its own calls
         * @param generation rises with each connection; handles and counters of two generations have nothing in common
         * @param gpus how many the driver counts, those not ours to open included
         */
        record Connected(Nvml nvml, int generation, Optional<String> driverVersion, int gpus) implements State {}
    }

    /**
     * Connects, or connects anew.
     *
     * @param callHangs a driver call has not returned: NVML is then initialised once more but neither shut down nor
     *     unloaded under that call
     */
    State connect(boolean callHangs) {
        if (!callHangs) {
            disconnect();
        }
        if (library == null) {
            switch (opener.open()) {
                case Nvml.Opened.NotFound(String reason) -> {
                    return new State.Absent(reason);
                }
                case Nvml.Opened.Found(Nvml found) -> library = found;
            }
        }
        MeteredNvml metered = new MeteredNvml(library, meter, nanos);
        nvml = metered;
        return initialise(metered, library);
    }

    /** The same connection, with as many GPUs as there are now when they are more. */
    State recount(State.Connected connected) {
        MeteredNvml metered = new MeteredNvml(connected.nvml(), meter, nanos);
        nvml = metered;
        int gpus = metered.deviceCount() instanceof Reading.Value<Integer>(Integer now) ? now : 0;
        return gpus <= connected.gpus()
                ? connected
                : new State.Connected(connected.nvml(), connected.generation(), connected.driverVersion(), gpus);
    }

    /** How often the driver was connected to. Any thread. */
    int generation() {
        return generation.get();
    }

    /** The call this thread is in. Any thread. */
    String underWay() {
        MeteredNvml called = nvml;
        return called == null ? "loading NVML" : called.underWay().orElse("NVML");
    }

    /** Gives NVML back. No call may be under way. */
    void disconnect() {
        if (library == null) {
            return;
        }
        MeteredNvml metered = new MeteredNvml(library, meter, nanos);
        nvml = metered;
        if (initsToUndo > 0) {
            gpm.freeAll(this, metered);
        }
        for (; initsToUndo > 0; initsToUndo--) {
            metered.shutdown();
        }
        if (mustReopen) {
            metered.close();
            library = null;
            mustReopen = false;
        }
    }

    /** Gives NVML back and unloads it, so that nothing of the driver is held. No call may be under way. */
    void letGo() {
        mustReopen = true;
        disconnect();
    }

    private State initialise(Nvml metered, Nvml found) {
        int code = metered.init();
        if (code != NvmlCode.SUCCESS) {
            // The library on disk was replaced together with the driver; the one in memory will never fit again.
            mustReopen = code == NvmlCode.LIB_RM_VERSION_MISMATCH;
            return new State.Absent("nvmlInit_v2: " + NvmlCode.text(code));
        }
        initsToUndo++;
        Optional<String> driverVersion = metered.driverVersion() instanceof Reading.Value<String>(String version)
                ? Optional.of(version)
                : Optional.empty();
        return switch (metered.deviceCount()) {
            case Reading.Value<Integer>(Integer gpus) ->
                new State.Connected(found, generation.incrementAndGet(), driverVersion, gpus);
            case Reading.Failed<Integer>(int failure) -> notCounted(NvmlCode.text(failure));
            case Reading.NoPermission<Integer>() -> notCounted(NvmlCode.text(NvmlCode.NO_PERMISSION));
            case Reading.Unsupported<Integer>() -> notCounted(NvmlCode.text(NvmlCode.NOT_SUPPORTED));
            case Reading.Stale<Integer>() -> notCounted(NvmlCode.text(NvmlCode.NOT_READY));
        };
    }

    private static State notCounted(String failure) {
        return new State.Absent("nvmlDeviceGetCount_v2: " + failure);
    }
}
