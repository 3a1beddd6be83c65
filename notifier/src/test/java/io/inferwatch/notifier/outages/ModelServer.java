package io.inferwatch.notifier.outages;

import io.inferwatch.collector.MeasurementBatch;
import io.inferwatch.collector.Outcome;
import io.inferwatch.collector.RequestAmount;
import io.inferwatch.collector.RequestMeasurement;
import io.inferwatch.collector.RequestText;
import io.inferwatch.collector.scrape.PageSource;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/**
 * One model server: the page it shows and the requests it finishes. Times to first token and lengths of answers are
 * lognormal, as they are in the field: p95 of the first about 270 ms, of the whole request about 3.5 s.
 */
final class ModelServer implements PageSource {
    private static final String[] TENANTS = {"acme", "globex", "initech", "umbrella"};

    final String name;
    final String model;
    private final SplittableRandom random;
    private final RequestMeasurement.Builder builder = new RequestMeasurement.Builder();

    /** What it is asked a second, on average. */
    double requestsPerSecond;

    /** Whether it answers its probe. */
    boolean isUp = true;

    /** Whether it holds its requests and makes no token. */
    boolean isStalled;

    /** Of what it finishes. */
    double failedShare = 0.0005;

    Outcome failure = Outcome.ERROR;
    double slowness = 1;
    double kvUsage = 0.6;
    double waiting;
    double preemptionsPerSecond;

    /** What {@link #dearTenant} pays, times the usual. */
    double dearness = 1;

    String dearTenant = "acme";

    /** Times the requests of {@link #badTenant}, all beyond the usual failing or not. */
    double badTenantShare;

    String badTenant = "initech";
    String version = "v1";

    private double generated;
    private double preemptions;
    private int made;

    ModelServer(String name, String model, double requestsPerSecond, long seed) {
        this.name = name;
        this.model = model;
        this.requestsPerSecond = requestsPerSecond;
        this.random = new SplittableRandom(seed);
    }

    /** Requests in it: a request lasts about two seconds. */
    double running() {
        return isStalled
                ? Math.max(1, Math.ceil(requestsPerSecond * 30))
                : Math.round(requestsPerSecond * 2 * slowness);
    }

    @Override
    public Fetched fetch(URI address) {
        if (!isUp) {
            return new Fetched.Failed("connection refused", "");
        }
        String page =
                """
                # TYPE vllm:num_requests_running gauge
                vllm:num_requests_running{model_name="%s"} %s
                # TYPE vllm:num_requests_waiting gauge
                vllm:num_requests_waiting{model_name="%s"} %s
                # TYPE vllm:kv_cache_usage_perc gauge
                vllm:kv_cache_usage_perc{model_name="%s"} %s
                # TYPE vllm:num_preemptions_total counter
                vllm:num_preemptions_total{model_name="%s"} %s
                # TYPE vllm:generation_tokens_total counter
                vllm:generation_tokens_total{model_name="%s"} %s
                """.formatted(model, running(), model, waiting, model, kvUsage, model, preemptions, model, generated);
        return new Fetched.Got(page.getBytes(StandardCharsets.UTF_8), "text/plain; version=0.0.4");
    }

    /** What it finishes in a second. */
    void second(MeasurementBatch batch) {
        preemptions += preemptionsPerSecond;
        if (isStalled) {
            return;
        }
        for (int i = poisson(requestsPerSecond); i > 0; i--) {
            String tenant = TENANTS[random.nextInt(TENANTS.length)];
            finish(batch, tenant, random.nextDouble() < failedShare || !isUp);
        }
        for (int i = poisson(badTenantShare); i > 0; i--) {
            finish(batch, badTenant, false);
        }
    }

    /** One request that ends in this way, now. */
    void finish(MeasurementBatch batch, String tenant, boolean isFailed) {
        builder.clear()
                .id(name + "-" + ++made)
                .text(RequestText.MODEL, model)
                .text(RequestText.MODEL_VERSION, version)
                .text(RequestText.SERVER, name)
                .text(RequestText.TENANT, tenant);
        if (isFailed) {
            batch.add(builder.outcome(isUp ? failure : Outcome.ERROR).build());
            return;
        }
        double ttftMillis = Math.exp(Math.log(120) + 0.5 * random.nextGaussian()) * slowness;
        double tpotMillis = Math.exp(Math.log(18) + 0.12 * random.nextGaussian()) * slowness;
        int tokens = (int) Math.max(2, Math.exp(Math.log(80) + 0.45 * random.nextGaussian()));
        generated += tokens;
        double dollars = tokens * 1e-4 * (tenant.equals(dearTenant) ? dearness : 1);
        batch.add(builder.outcome(random.nextDouble() < 0.01 ? Outcome.CLIENT_ABORT : Outcome.SUCCESS).stream(true)
                .amount(RequestAmount.TTFT, Math.round(ttftMillis * 1e3))
                .amount(RequestAmount.TPOT, Math.round(tpotMillis * 1e3))
                .amount(RequestAmount.LATENCY, Math.round((ttftMillis + (tokens - 1) * tpotMillis) * 1e3))
                .amount(RequestAmount.INPUT_TOKENS, 400)
                .amount(RequestAmount.OUTPUT_TOKENS, tokens)
                .amount(RequestAmount.COST, Math.round(dollars * 1e9))
                .build());
    }

    private int poisson(double mean) {
        if (mean <= 0) {
            return 0;
        }
        double limit = Math.exp(-mean);
        double product = random.nextDouble();
        int count = 0;
        while (product > limit) {
            count++;
            product *= random.nextDouble();
        }
        return count;
    }
}
