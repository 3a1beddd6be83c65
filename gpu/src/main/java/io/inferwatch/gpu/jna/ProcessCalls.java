package io.inferwatch.gpu.jna;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.inferwatch.gpu.NvmlCode;
import io.inferwatch.gpu.NvmlProcesses.ProcessShare;
import io.inferwatch.gpu.NvmlProcesses.ProcessUse;
import io.inferwatch.gpu.Reading;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Predicate;

/**
 * The C functions that list processes: asked for the size, then with room to spare, and again when the list has grown
 * meanwhile. Any thread; each call has memory of its own.
 */
final class ProcessCalls {
    /** Past this a count is garbage that would be allocated. */
    private static final int MOST_PROCESSES = 65_536;

    private static final int TRIES = 3;

    /**
     * Early 535 drivers (before 535.104) wrote records of 32 bytes under the same symbol. Told by what else they have: found
     * by nvitop, {@code libnvml.py}.
     */
    private static final int EARLY_535_RECORD_BYTES = 32;

    /** NVML_VALUE_NOT_AVAILABLE. */
    private static final long NOT_AVAILABLE = -1L;

    private static final int NO_INSTANCE = 0xFFFFFFFF;

    private final EventCalls.Call call;
    private final Predicate<String> has;

    /** @param has whether the driver has a symbol */
    ProcessCalls(EventCalls.Call call, Predicate<String> has) {
        this.call = call;
        this.has = has;
    }

    Reading<List<ProcessUse>> running(Pointer device, String symbol) {
        Memory count = new Memory(4);
        count.setInt(0, 0);
        int code = call.invoke(symbol, device, count, Pointer.NULL);
        if (code == NvmlCode.SUCCESS) {
            return new Reading.Value<>(List.of());
        }
        for (int tries = 0; code == NvmlCode.INSUFFICIENT_SIZE && tries < TRIES; tries++) {
            int told = count.getInt(0);
            if (told < 0 || told > MOST_PROCESSES) {
                return new Reading.Failed<>(NvmlCode.INSUFFICIENT_SIZE);
            }
            int room = told * 2 + 5;
            Memory records = new Memory((long) room * EARLY_535_RECORD_BYTES);
            records.clear();
            count.setInt(0, room);
            code = call.invoke(symbol, device, count, records);
            if (code == NvmlCode.SUCCESS) {
                return new Reading.Value<>(uses(records, Math.min(count.getInt(0), room)));
            }
        }
        return NvmlCode.reading(code, List::of);
    }

    private List<ProcessUse> uses(Memory records, int count) {
        boolean isEarly535 =
                has.test("nvmlDeviceGetConfComputeMemSizeInfo") && !has.test("nvmlDeviceGetRunningProcessDetailList");
        int stride = isEarly535 ? EARLY_535_RECORD_BYTES : NvmlLayout.PROCESS_INFO.sizeBytes();
        List<ProcessUse> uses = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long at = (long) i * stride;
            long usedBytes = records.getLong(at + 8);
            int instance = records.getInt(at + 16);
            uses.add(new ProcessUse(
                    records.getInt(at),
                    usedBytes == NOT_AVAILABLE || usedBytes < 0 ? OptionalLong.empty() : OptionalLong.of(usedBytes),
                    instance == NO_INSTANCE ? OptionalInt.empty() : OptionalInt.of(instance)));
        }
        return uses;
    }

    Reading<List<ProcessShare>> shares(Pointer device, long after) {
        return has.test("nvmlDeviceGetProcessesUtilizationInfo")
                ? sharesByInfo(device, after)
                : sharesBySample(device, after);
    }

    private Reading<List<ProcessShare>> sharesByInfo(Pointer device, long after) {
        String symbol = "nvmlDeviceGetProcessesUtilizationInfo";
        Memory request = infoRequest(0, after, Pointer.NULL);
        int code = call.invoke(symbol, device, request);
        for (int tries = 0; code == NvmlCode.INSUFFICIENT_SIZE && tries < TRIES; tries++) {
            int told = request.getInt(4);
            if (told <= 0 || told > MOST_PROCESSES) {
                return new Reading.Stale<>();
            }
            int room = told * 2 + 5;
            int stride = NvmlLayout.PROCESS_UTILIZATION.sizeBytes();
            Memory records = new Memory((long) room * stride);
            records.clear();
            request = infoRequest(room, after, records);
            code = call.invoke(symbol, device, request);
            if (code == NvmlCode.SUCCESS) {
                return new Reading.Value<>(shares(records, Math.min(request.getInt(4), room), stride, 8, 0, 12));
            }
        }
        return ended(code);
    }

    private static Memory infoRequest(int count, long after, Pointer records) {
        Memory request = new Memory(NvmlLayout.PROCESSES_UTILIZATION.sizeBytes());
        request.clear();
        request.setInt(0, NvmlLayout.PROCESSES_UTILIZATION.versionWord());
        request.setInt(4, count);
        request.setLong(8, after);
        request.setPointer(16, records);
        return request;
    }

    private Reading<List<ProcessShare>> sharesBySample(Pointer device, long after) {
        String symbol = "nvmlDeviceGetProcessUtilization";
        Memory count = new Memory(4);
        count.setInt(0, 0);
        int code = call.invoke(symbol, device, Pointer.NULL, count, after);
        for (int tries = 0; code == NvmlCode.INSUFFICIENT_SIZE && tries < TRIES; tries++) {
            int told = count.getInt(0);
            if (told <= 0 || told > MOST_PROCESSES) {
                return new Reading.Stale<>();
            }
            int stride = NvmlLayout.PROCESS_SAMPLE.sizeBytes();
            Memory records = new Memory((long) told * stride);
            records.clear();
            code = call.invoke(symbol, device, records, count, after);
            if (code == NvmlCode.SUCCESS) {
                return new Reading.Value<>(shares(records, Math.min(count.getInt(0), told), stride, 0, 8, 16));
            }
        }
        return ended(code);
    }

    private static List<ProcessShare> shares(Memory records, int count, int stride, int pidAt, int timeAt, int smAt) {
        List<ProcessShare> shares = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long at = (long) i * stride;
            shares.add(new ProcessShare(
                    records.getInt(at + pidAt),
                    records.getLong(at + timeAt),
                    Integer.toUnsignedLong(records.getInt(at + smAt))));
        }
        return shares;
    }

    /** No sample since then is {@code NOT_FOUND}, which is no fault. */
    private static Reading<List<ProcessShare>> ended(int code) {
        return code == NvmlCode.NOT_FOUND || code == NvmlCode.SUCCESS
                ? new Reading.Stale<>()
                : NvmlCode.reading(code, List::of);
    }
}
