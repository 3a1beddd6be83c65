package io.inferwatch.gpu.health;

/** How ill a GPU that answers is. */
public enum Grade {
    /** It works, and something about it wants attention. */
    DEGRADED,
    /** It should not be relied on: what it computes or whether it answers is in doubt. */
    FAILING
}
