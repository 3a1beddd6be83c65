package io.inferwatch.api.demo;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Request records of three models, about 100 a second, as a server would send them: NDJSON, through the same parser and
 * journal as everybody's. The same seed and the same second give the same records. Used by one thread.
 */
final class DemoTraffic {
    /** How many batches a second is cut into, so that the records arrive spread out. */
    static final int BATCHES_PER_SECOND = 10;

    private record Model(
            String name,
            int requestsPerBatch,
            double ttftMedianMs,
            double tpotMedianMs,
            int outputTokens,
            double dollarsPerMillionOutputTokens) {}

    private static final Model[] MODELS = {
        new Model("llama-3.3-70b", 3, 210, 24, 220, 0.72),
        new Model("qwen3-32b", 4, 120, 14, 180, 0.4),
        new Model("gemma-3-12b", 3, 60, 8, 120, 0.16)
    };

    private final SplittableRandom random;
    private long nextId;

    DemoTraffic(long seed) {
        this.random = new SplittableRandom(seed);
    }

    /** The records of one tenth of a second, one a line. */
    byte[] batch(Incident incident) {
        StringBuilder lines = new StringBuilder();
        for (Model model : MODELS) {
            for (int i = 0; i < model.requestsPerBatch(); i++) {
                appendRecord(lines, model, incident);
            }
        }
        return lines.toString().getBytes(StandardCharsets.UTF_8);
    }

    private void appendRecord(StringBuilder lines, Model model, Incident incident) {
        boolean isSlow = incident == Incident.THERMAL && model.equals(MODELS[0]);
        boolean isFailing = incident == Incident.ERRORS && model.equals(MODELS[1]) && random.nextDouble() < 0.4;
        double ttftMs = logNormal(model.ttftMedianMs(), 0.35) * (isSlow ? 9 : 1);
        double tpotMs = logNormal(model.tpotMedianMs(), 0.15) * (isSlow ? 2.5 : 1);
        int inputTokens = 50 + random.nextInt(1_500);
        int outputTokens = 2 + random.nextInt(2 * model.outputTokens());
        lines.append("{\"request_id\":\"demo-")
                .append(nextId++)
                .append("\",\"model\":\"")
                .append(model.name());
        lines.append("\",\"server\":\"").append(model.name()).append("\",\"route\":\"chat\"");
        if (isFailing) {
            lines.append(random.nextBoolean() ? ",\"status\":500" : ",\"status\":504");
            lines.append(",\"latency_ms\":").append(30_000);
        } else {
            lines.append(",\"ttft_ms\":").append(rounded(ttftMs));
            lines.append(",\"latency_ms\":").append(rounded(ttftMs + tpotMs * (outputTokens - 1)));
            lines.append(",\"output_tokens\":").append(outputTokens).append(",\"finish_reason\":\"stop\"");
            lines.append(",\"cost_usd\":").append(dollars(model, inputTokens, outputTokens));
        }
        lines.append(",\"input_tokens\":").append(inputTokens).append("}\n");
    }

    /** A prompt token costs a quarter of a generated one. */
    private static String dollars(Model model, int inputTokens, int outputTokens) {
        double tokens = outputTokens + inputTokens / 4.0;
        return String.format(Locale.ROOT, "%.9f", tokens * model.dollarsPerMillionOutputTokens() / 1e6);
    }

    private double logNormal(double median, double sigma) {
        return median * Math.exp(sigma * random.nextGaussian());
    }

    private static double rounded(double ms) {
        return Math.round(ms * 1_000) / 1_000.0;
    }
}
