package io.inferwatch.gpu;

import java.util.List;
import java.util.Locale;

/**
 * Why clocks are held down, with the nanosecond counters that tell for how long.
 *
 * <p>Three of the fields have changed their numbers: by the headers of CUDA 12.9 and 13.0 they are 251–253, from 13.1 on
 * 269–271, and what was 251–253 before and after is something else.
 */
enum ThrottleReason {
    /** At the power limit: normal under load. */
    SW_POWER_CAP(74, 74, 0),
    /** Held to the clocks of the slowest GPU of a group. */
    SYNC_BOOST(76, 76, 2),
    /** At a limit of the board. */
    BOARD_LIMIT(77, 77, 3),
    /** Held to a voltage at which the silicon is reliable. */
    RELIABILITY(79, 79, 5),
    /** The GPU or its memory is above its highest operating temperature. */
    SW_THERMAL(269, 251, 1),
    /** So hot that clocks are cut to half or less. */
    HW_THERMAL(270, 252, -1),
    /** The power supply or the rack has asserted the power brake. */
    HW_POWER_BRAKE(271, 253, -1);

    private static final int CUDA_12_9 = 12_090;
    private static final int CUDA_13_1 = 13_010;

    private final int field;
    private final int fieldOf129;
    private final int policy;

    ThrottleReason(int field, int fieldOf129, int policy) {
        this.field = field;
        this.fieldOf129 = fieldOf129;
        this.policy = policy;
    }

    /** As the label {@code reason} has it. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The fields that may hold this counter, the likeliest first.
     *
     * @param cudaVersion {@code nvmlSystemGetCudaDriverVersion_v2}
     */
    List<NvmlFields.Field> fields(int cudaVersion) {
        if (field == fieldOf129 || cudaVersion >= CUDA_13_1) {
            return List.of(NvmlFields.Field.of(field));
        }
        return cudaVersion >= CUDA_12_9
                ? List.of(NvmlFields.Field.of(fieldOf129), NvmlFields.Field.of(field))
                : List.of();
    }

    /** {@code nvmlPerfPolicyType_t} of the older call that tells the same; negative where there is none. */
    int policy() {
        return policy;
    }
}
