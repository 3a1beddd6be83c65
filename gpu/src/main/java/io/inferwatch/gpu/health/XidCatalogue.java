package io.inferwatch.gpu.health;

import java.util.HashMap;
import java.util.Map;

/**
 * XID numbers, what they mean, and what NVIDIA says is to be done. Resolution buckets after NVIDIA's XID catalogue of
 * October 2025 (as leptonai/gpud {@code catalog_generated.go} carries it); XID 109 follows the catalogue, which resets the
 * GPU, though NVIDIA's own device plugin ignores it.
 */
public final class XidCatalogue {

    /** @param meaning in a few words */
    public record Entry(String meaning, Remedy remedy) {}

    private static final Map<Integer, Entry> ENTRIES = entries();

    private XidCatalogue() {}

    /** The entry of this number; one of {@link Remedy#UNKNOWN} where the catalogue has none. */
    public static Entry of(int xid) {
        return ENTRIES.getOrDefault(xid, new Entry("unknown error", Remedy.UNKNOWN));
    }

    private static Map<Integer, Entry> entries() {
        Map<Integer, Entry> entries = new HashMap<>();
        put(entries, Remedy.RESTART_NODE, 79, "GPU has fallen off the bus");
        put(entries, Remedy.RESTART_NODE, 158, "GPU fatal timeout");
        put(entries, Remedy.RESET_GPU, 46, "GPU stopped processing");
        put(entries, Remedy.RESET_GPU, 48, "double-bit ECC error");
        put(entries, Remedy.RESET_GPU, 62, "internal micro-controller halt");
        put(entries, Remedy.RESET_GPU, 64, "row remapping failed");
        put(entries, Remedy.RESET_GPU, 95, "uncontained memory error");
        put(entries, Remedy.RESET_GPU, 109, "context switch timeout");
        put(entries, Remedy.RESET_GPU, 110, "security fault");
        put(entries, Remedy.RESET_GPU, 119, "GSP RPC timeout");
        put(entries, Remedy.RESET_GPU, 120, "GSP error");
        put(entries, Remedy.RESET_GPU, 136, "link training failed");
        put(entries, Remedy.RESET_GPU, 140, "unrecovered ECC error");
        put(entries, Remedy.RESET_GPU, 143, "GPU initialisation failed");
        put(entries, Remedy.RESET_GPU, 155, "NVLink software-defined error");
        put(entries, Remedy.RESET_GPU, 156, "resource retirement event");
        put(entries, Remedy.CHECK_NVLINK, 74, "NVLink error");
        for (int xid = 144; xid <= 150; xid++) {
            put(entries, Remedy.CHECK_NVLINK, xid, "NVLink 5 error");
        }
        put(entries, Remedy.RESTART_VM, 151, "key rotation error");
        put(entries, Remedy.CHECK_POWER, 54, "auxiliary power is not connected");
        applications(entries);
        watched(entries);
        return entries;
    }

    private static void applications(Map<Integer, Entry> entries) {
        put(entries, Remedy.RESTART_APP, 8, "GPU stopped processing a channel");
        put(entries, Remedy.RESTART_APP, 11, "invalid or corrupted push buffer");
        put(entries, Remedy.RESTART_APP, 13, "graphics engine exception");
        put(entries, Remedy.RESTART_APP, 25, "illegal display channel");
        put(entries, Remedy.RESTART_APP, 31, "memory page fault");
        put(entries, Remedy.RESTART_APP, 32, "invalid or corrupted push buffer stream");
        put(entries, Remedy.RESTART_APP, 45, "channel torn down");
        put(entries, Remedy.RESTART_APP, 94, "contained memory error");
        range(entries, 39, 41, "copy engine exception");
        put(entries, Remedy.RESTART_APP, 60, "video processor exception");
        range(entries, 68, 73, "video or engine exception");
        range(entries, 75, 77, "copy engine exception");
        put(entries, Remedy.RESTART_APP, 80, "corrupted data sent to the GPU");
        range(entries, 82, 86, "engine exception");
        range(entries, 88, 89, "engine exception");
        range(entries, 96, 105, "engine exception");
        range(entries, 126, 135, "engine exception");
        put(entries, Remedy.RESTART_APP, 139, "engine exception");
    }

    private static void watched(Map<Integer, Entry> entries) {
        put(entries, Remedy.WATCH, 63, "row remapping recorded");
        put(entries, Remedy.WATCH, 92, "high rate of single-bit ECC errors");
        put(entries, Remedy.WATCH, 93, "non-fatal link violation");
        put(entries, Remedy.WATCH, 121, "C2C link corrected error");
        put(entries, Remedy.WATCH, 154, "the driver asks for a recovery action");
        put(entries, Remedy.WATCH, 157, "resource retirement failed");
        put(entries, Remedy.WATCH, 160, "channel retirement");
        put(entries, Remedy.WATCH, 161, "channel retirement failed");
        put(entries, Remedy.WATCH, 164, "power smoothing lifetime");
        put(entries, Remedy.WATCH, 165, "power smoothing lifetime");
        put(entries, Remedy.WATCH, 171, "detail of a double-bit ECC error in memory");
        put(entries, Remedy.WATCH, 172, "detail of a double-bit ECC error in SRAM");
        put(entries, Remedy.IGNORE, 37, "driver firmware error");
        put(entries, Remedy.IGNORE, 38, "driver firmware error");
        put(entries, Remedy.IGNORE, 43, "a program's channel was reset after its own fault");
        put(entries, Remedy.IGNORE, 44, "graphics engine fault");
        put(entries, Remedy.IGNORE, 66, "illegal access by the driver");
        put(entries, Remedy.IGNORE, 67, "illegal access by the driver");
    }

    private static void range(Map<Integer, Entry> entries, int first, int last, String meaning) {
        for (int xid = first; xid <= last; xid++) {
            put(entries, Remedy.RESTART_APP, xid, meaning);
        }
    }

    private static void put(Map<Integer, Entry> entries, Remedy remedy, int xid, String meaning) {
        if (entries.put(xid, new Entry(meaning, remedy)) != null) {
            throw new IllegalStateException("XID " + xid + " stands in the catalogue twice");
        }
    }
}
