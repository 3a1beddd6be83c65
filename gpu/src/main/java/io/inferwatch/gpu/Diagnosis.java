package io.inferwatch.gpu;

import io.inferwatch.gpu.GpuVerdict.State;
import java.time.Duration;
import java.util.List;

/** A verdict before it is known since when it holds: the words an operator reads, in one place. */
record Diagnosis(State state, String reason, String action, List<String> evidence) {
    Diagnosis {
        evidence = List.copyOf(evidence);
    }

    Diagnosis(State state, String reason, String action) {
        this(state, reason, action, List.of());
    }

    /** The same, with what was seen. */
    Diagnosis with(List<String> seen) {
        return new Diagnosis(state, reason, action, seen);
    }

    static Diagnosis healthy() {
        return new Diagnosis(State.HEALTHY, "", "");
    }

    /** @param trouble the field that failed, and how */
    static Diagnosis degraded(String trouble) {
        return new Diagnosis(State.DEGRADED, trouble, "look for NVRM lines in the kernel log (dmesg)");
    }

    static Diagnosis forbidden() {
        return new Diagnosis(
                State.DEGRADED,
                "the driver refuses every reading: no permission",
                "in a container, restart it: device access is revoked by `systemctl daemon-reload`; else check the"
                        + " access rights of /dev/nvidia*");
    }

    /** @param code what NVML answered instead of a value */
    static Diagnosis lost(int code) {
        String action = switch (code) {
            case NvmlCode.RESET_REQUIRED -> "drain it and reset it: nvidia-smi --gpu-reset -i <index>";
            case NvmlCode.INSUFFICIENT_POWER -> "check its auxiliary power cables";
            case NvmlCode.CORRUPTED_INFOROM -> "replace the board: its InfoROM is damaged";
            case NvmlCode.NOT_FOUND -> "look for an Xid 79 in the kernel log (dmesg); reboot the node";
            case NvmlCode.UNKNOWN ->
                "in a container, restart it: device access may have been revoked; else look for Xid lines in the"
                        + " kernel log (dmesg)";
            default ->
                "drain the node and look for Xid lines in the kernel log (dmesg); it comes back by a reset"
                        + " or a reboot";
        };
        String reason = code == NvmlCode.NOT_FOUND ? "the driver no longer lists it" : NvmlCode.text(code);
        return new Diagnosis(State.LOST, reason, action);
    }

    /** The driver no longer enumerates this UUID. */
    static Diagnosis vanished() {
        return lost(NvmlCode.NOT_FOUND);
    }

    /** Named by {@code gpu.expected} and not seen since the start. */
    static Diagnosis neverSeen() {
        return new Diagnosis(
                State.LOST,
                "expected by gpu.expected, never seen",
                "look for Xid lines in the kernel log (dmesg), or correct gpu.expected");
    }

    /** @param reason why there is no driver to ask */
    static Diagnosis noDriver(String reason) {
        return new Diagnosis(
                State.LOST,
                reason,
                "load the NVIDIA driver; in a container whose driver library no longer fits the host's, restart it");
    }

    /** @param symbol the call that does not return */
    static Diagnosis unresponsive(String symbol, Duration deadline) {
        return new Diagnosis(
                State.DRIVER_UNRESPONSIVE,
                symbol + " did not return within " + deadline.toMillis() + " ms",
                "look for tasks in state D and for Xid lines in the kernel log (dmesg); reboot the node if it stays");
    }

    static Diagnosis of(Standing standing) {
        return switch (standing) {
            case Standing.Answering answering ->
                answering.trouble().map(Diagnosis::degraded).orElseGet(Diagnosis::healthy);
            case Standing.Lost(int code) -> lost(code);
            case Standing.DriverGone(int code) -> noDriver(NvmlCode.text(code));
            case Standing.Forbidden() -> forbidden();
        };
    }
}
