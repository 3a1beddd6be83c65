package io.inferwatch.gpu.jna;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.inferwatch.gpu.Nvml.RingSample;
import io.inferwatch.gpu.NvmlCode;
import io.inferwatch.gpu.Reading;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code nvmlDeviceGetSamples}: asked without a buffer first, which tells the size of the ring, then with one. The size
 * is fixed by the product, so the first question is put once a thread, and again when the buffer has become too small.
 */
final class SampleRings {
    private static final String SYMBOL = "nvmlDeviceGetSamples";

    /** Rings of about 100 are known; more than this is garbage that would be allocated. */
    private static final int MOST_SAMPLES = 65_536;

    private final NativeCall call;
    private final ThreadLocal<Buffer> buffers = ThreadLocal.withInitial(Buffer::new);

    SampleRings(NativeCall call) {
        this.call = call;
    }

    private static final class Buffer {
        /** valueType@0:4 count@4:4. */
        private final Memory head = new Memory(8);

        private @Nullable Memory samples;
        private int capacity;
    }

    Reading<List<RingSample>> read(Pointer device, int samplingType, long after) {
        Buffer buffer = buffers.get();
        if (buffer.capacity == 0) {
            int code = grow(buffer, device, samplingType, after);
            if (code != NvmlCode.SUCCESS || buffer.capacity == 0) {
                return answer(code, buffer);
            }
        }
        int code = fill(buffer, device, samplingType, after);
        if (code == NvmlCode.INSUFFICIENT_SIZE && grow(buffer, device, samplingType, after) == NvmlCode.SUCCESS) {
            code = fill(buffer, device, samplingType, after);
        }
        return answer(code, buffer);
    }

    private int grow(Buffer buffer, Pointer device, int samplingType, long after) {
        buffer.head.clear();
        int code = call.of(SYMBOL, device, samplingType, after, buffer.head, buffer.head.share(4), Pointer.NULL);
        int count = buffer.head.getInt(4);
        if (code == NvmlCode.SUCCESS && count > buffer.capacity && count <= MOST_SAMPLES) {
            buffer.samples = new Memory((long) count * NvmlLayout.SAMPLE.sizeBytes());
            buffer.capacity = count;
        }
        return code;
    }

    private int fill(Buffer buffer, Pointer device, int samplingType, long after) {
        Memory samples = buffer.samples;
        if (samples == null) {
            return NvmlCode.NOT_FOUND;
        }
        samples.clear();
        buffer.head.setInt(4, buffer.capacity);
        return call.of(SYMBOL, device, samplingType, after, buffer.head, buffer.head.share(4), samples);
    }

    /** An idle GPU's ring is empty, which NVML tells as NOT_FOUND; one that outgrew its buffer twice is read next time. */
    private static Reading<List<RingSample>> answer(int code, Buffer buffer) {
        if (code == NvmlCode.NOT_FOUND || code == NvmlCode.INSUFFICIENT_SIZE) {
            return new Reading.Stale<>();
        }
        Memory samples = buffer.samples;
        if (code == NvmlCode.SUCCESS && (samples == null || buffer.head.getInt(4) == 0)) {
            return new Reading.Stale<>();
        }
        return NvmlCode.reading(code, () -> decode(buffer, samples));
    }

    private static List<RingSample> decode(Buffer buffer, @Nullable Memory samples) {
        List<RingSample> decoded = new ArrayList<>();
        int count = Math.min(buffer.head.getInt(4), buffer.capacity);
        for (int i = 0; samples != null && i < count; i++) {
            long at = (long) i * NvmlLayout.SAMPLE.sizeBytes();
            decoded.add(new RingSample(samples.getLong(at), NvmlValue.read(samples, at + 8, buffer.head.getInt(0))));
        }
        return decoded;
    }
}
