package io.inferwatch.gpu;

import java.util.List;

/** Keeps the GPUs that were seen over a restart. Any thread. */
public interface FleetMemory {
    /** Remembers nothing. */
    FleetMemory NONE = new FleetMemory() {
        @Override
        public Remembered recall() {
            return Remembered.NOTHING;
        }

        @Override
        public void remember(Remembered gpus) {}
    };

    /**
     * @param expected to be missed when they do not answer
     * @param dismissed absent, and not to be missed
     */
    record Remembered(List<GpuIdentity> expected, List<GpuIdentity> dismissed) {
        static final Remembered NOTHING = new Remembered(List.of(), List.of());

        public Remembered {
            expected = List.copyOf(expected);
            dismissed = List.copyOf(dismissed);
        }
    }

    /** What was last remembered; nothing where nothing is, or nothing that can be read. */
    Remembered recall();

    /** Replaces what is remembered. A failure is logged, not thrown: watching goes on without memory. */
    void remember(Remembered gpus);
}
