package io.inferwatch.benchmarks;

import io.inferwatch.system.support.AlertScene;
import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.Json;
import io.inferwatch.system.support.StrictServer;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** From the push of a breach to the POST at the receiver: {@code every: 1s}, {@code for: 0}, spread over the second. */
final class AlertLatency {
    /** Under 20 new groups a minute, past which the storm guard makes them one. */
    private static final Duration BETWEEN = Duration.ofMillis(3_200);

    private static final String RULES = """
            routes: [{match: {tier: P0}, to: [pd], group_by: [rule, cause], wait: 0s, interval: 1s, repeat: 1h}]
            signals: {level: {metric: custom.level, agg: max, over: 5s, by: [cause]}}
            rules: {breach: {signal: level, tiers: {P0: {above: 1, for: 0s}}}}
            """;

    private AlertLatency() {}

    static String measure(int times) {
        try (AlertScene scene = new AlertScene("{every: 1s, clear_for: 1s}", RULES)) {
            double[] ms = new double[times];
            for (int i = 0; i < times; i++) {
                LockSupport.parkNanos(BETWEEN.toNanos());
                toFractionOfSecond((i + 0.5) / times);
                ms[i] = one(scene, "cause-" + i + "-");
            }
            return "push to POST, every 1 s, for 0: " + Load.medianAndWorst(ms);
        }
    }

    private static double one(AlertScene scene, String cause) {
        String sample = Json.object("metric", "custom.level", "value", 2, "labels", Json.object("cause", cause))
                .toString();
        long pushed = System.nanoTime();
        scene.sidecar()
                .api()
                .post("/api/v1/samples", "application/json", sample)
                .json(202);
        Await.until(
                "told of " + cause,
                Duration.ofSeconds(20),
                () -> !scene.pagerDuty().events(cause).isEmpty());
        return scene.pagerDuty().calls().stream()
                        .filter(call -> call.body().contains(cause))
                        .mapToLong(StrictServer.Call::atNanos)
                        .map(at -> at - pushed)
                        .findFirst()
                        .orElseThrow()
                / 1e6;
    }

    private static void toFractionOfSecond(double fraction) {
        long target = Math.round(fraction * 1000);
        long now = System.currentTimeMillis() % 1000;
        LockSupport.parkNanos(Duration.ofMillis((target - now + 1000) % 1000).toNanos());
    }
}
