package io.inferwatch.api.demo;

/**
 * What goes wrong on the simulated node. One incident every two minutes, in turn, each long enough to raise an alert and
 * over soon enough to clear it within the same two minutes.
 */
enum Incident {
    NONE,
    /** GPU 2 runs hot and slow: its model's TTFT rises. */
    THERMAL,
    /** One model answers with errors and timeouts. */
    ERRORS,
    /** GPU 5 falls off the bus. */
    GPU_LOST;

    static final long CYCLE_SECONDS = 120;
    private static final long FIRST_SECOND = 20;
    private static final long LAST_SECOND = 45;
    private static final Incident[] IN_TURN = {THERMAL, ERRORS, GPU_LOST};

    /** The incident of this moment, counted in seconds since the demo began. */
    static Incident at(long secondsSinceStart) {
        long second = secondsSinceStart % CYCLE_SECONDS;
        if (second < FIRST_SECOND || second >= LAST_SECOND) {
            return NONE;
        }
        return IN_TURN[(int) (secondsSinceStart / CYCLE_SECONDS % IN_TURN.length)];
    }
}
