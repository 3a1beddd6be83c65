package io.inferwatch.system.support;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** Random traffic that is hard on percentiles: a bimodal model, a heavy-tailed one, the others log-normal. */
public final class Traffic {
    private static final double LONGEST_MS = 3_000_000;

    private final SplittableRandom random;
    private final String prefix;
    private int next;

    /** @param prefix begins every request id, so that two streams never share one */
    public Traffic(long seed, String prefix) {
        this.random = new SplittableRandom(seed);
        this.prefix = prefix;
    }

    /** The next records, turn by turn over {@code model-0} … {@code model-(models − 1)}. */
    public List<RequestRecord> take(int count, int models, String route) {
        List<RequestRecord> records = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            records.add(one(next % models, route));
            next++;
        }
        return records;
    }

    private RequestRecord one(int model, String route) {
        double ttftMs = toMicroseconds(Math.clamp(ttftMs(model), 0.5, LONGEST_MS / 10));
        int outputTokens = random.nextInt(2, 400);
        double tpotMs = toMicroseconds(Math.exp(3 + 0.3 * random.nextGaussian()));
        double latencyMs = toMicroseconds(Math.min(ttftMs + tpotMs * (outputTokens - 1), LONGEST_MS));
        return new RequestRecord(
                prefix + next, "model-" + model, route, ttftMs, tpotMs, latencyMs, outputTokens, Optional.empty());
    }

    private double ttftMs(int model) {
        return switch (model) {
            case 0 -> random.nextDouble() < 0.8 ? 40 + 4 * random.nextGaussian() : 900 + 80 * random.nextGaussian();
            case 2 -> 30 * Math.pow(1 - random.nextDouble(), -1 / 1.3);
            default -> Math.exp(5 + 0.6 * random.nextGaussian());
        };
    }

    private static double toMicroseconds(double ms) {
        return Math.round(ms * 1000) / 1000.0;
    }
}
