package io.inferwatch.rules.engine;

import java.time.Duration;
import java.time.Instant;

/** The recent values of one leaf, drawn as {@code ▁▂▃▄▅▆▇█}: as far back as the signal looks. */
final class Sparkline {
    private static final int POINTS = 16;
    private static final String BARS = "▁▂▃▄▅▆▇█";

    private final float[] points = new float[POINTS];
    private int taken;
    private long lastEpochMillis;

    /** In whole milliseconds: dividing a Duration goes through BigDecimal, and this runs for every leaf in every tick. */
    void add(Instant t, double value, Duration over) {
        long epochMillis = t.toEpochMilli();
        if (taken == 0 || epochMillis - lastEpochMillis >= over.toMillis() / POINTS) {
            points[taken++ % POINTS] = (float) value;
            lastEpochMillis = epochMillis;
        }
    }

    /** From the lowest value to the highest; all alike is a low line. */
    String draw() {
        int size = Math.min(taken, POINTS);
        float low = Float.MAX_VALUE;
        float high = -Float.MAX_VALUE;
        for (int i = 0; i < size; i++) {
            low = Math.min(low, points[i]);
            high = Math.max(high, points[i]);
        }
        StringBuilder drawn = new StringBuilder(size);
        for (int i = taken - size; i < taken; i++) {
            float share = high > low ? (points[i % POINTS] - low) / (high - low) : 0;
            drawn.append(BARS.charAt(Math.min(BARS.length() - 1, (int) (share * BARS.length()))));
        }
        return drawn.toString();
    }
}
