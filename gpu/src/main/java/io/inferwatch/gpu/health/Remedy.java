package io.inferwatch.gpu.health;

import java.util.Locale;

/** What NVIDIA's XID catalogue says is to be done: its resolution buckets, gravest first. */
public enum Remedy {
    RESTART_NODE("drain and reboot the node; if it happens again, have the board replaced"),
    RESET_GPU("drain the GPU and reset it: nvidia-smi --gpu-reset -i <index>"),
    CHECK_NVLINK("look at NVLink and fabric: nvidia-smi nvlink -e; reset all GPUs of the fabric if it stays"),
    RESTART_VM("restart the virtual machine"),
    CHECK_POWER("check the auxiliary power cables of the board"),
    RESTART_APP("restart the program that used the GPU"),
    WATCH("nothing now; watch whether it comes more often"),
    IGNORE("nothing"),
    /** In no catalogue of ours. */
    UNKNOWN("look it up in NVIDIA's XID catalogue");

    private final String action;

    Remedy(String action) {
        this.action = action;
    }

    /** In words an operator can act on. */
    public String action() {
        return action;
    }

    /** As series labels and the HTTP API have it: {@code reset_gpu}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
