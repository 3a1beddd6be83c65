package io.inferwatch.benchmarks;

import io.inferwatch.system.support.RunningSidecar;
import io.inferwatch.system.support.Traffic;

/** From the launcher's start to the first 200 of {@code /health/ready}: on no data, and again after SIGTERM. */
final class StartTime {
    private StartTime() {}

    static String measure(int times) {
        double[] fresh = new double[times];
        double[] again = new double[times];
        double[] killed = new double[times];
        for (int i = 0; i < times; i++) {
            try (RunningSidecar sidecar = RunningSidecar.with().start()) {
                fresh[i] = sidecar.readyAfter().toNanos() / 1e6;
                sidecar.api().push(new Traffic(i, "s").take(5_000, 3, "chat"));
                sidecar.terminate();
                sidecar.start();
                again[i] = sidecar.readyAfter().toNanos() / 1e6;
                sidecar.api().push(new Traffic(i, "k").take(5_000, 3, "chat"));
                sidecar.kill();
                sidecar.start();
                killed[i] = sidecar.readyAfter().toNanos() / 1e6;
            }
        }
        return "launcher to ready: no data yet " + Load.medianAndWorst(fresh) + "; after SIGTERM "
                + Load.medianAndWorst(again) + "; after kill -9 " + Load.medianAndWorst(killed);
    }
}
