package io.inferwatch.rules;

/** How urgent an alert is; P0 wakes somebody at once. Declared from most to least urgent. */
public enum Tier {
    P0,
    P1,
    P2,
    P3;

    public boolean isMoreUrgentThan(Tier other) {
        return compareTo(other) < 0;
    }
}
