package io.inferwatch.benchmarks;

import io.inferwatch.system.support.KillRuns;
import io.inferwatch.system.support.RunningSidecar;
import java.time.Duration;
import java.util.Locale;

/** The system test's kill runs, many more of them; ends with an error at the first record lost or counted twice. */
final class Kills {
    /** A fresh data directory now and then, so that the counts asked for stay within the last hour. */
    private static final int RUNS_A_DIRECTORY = 200;

    private Kills() {}

    static String measure(int runs) {
        long seed = System.nanoTime();
        System.out.println("kills: seed " + seed);
        long records = 0;
        double[] readyMs = new double[runs];
        int done = 0;
        while (done < runs) {
            try (RunningSidecar sidecar = RunningSidecar.with().start()) {
                KillRuns kills = new KillRuns(sidecar, seed + done);
                for (int i = 0; i < RUNS_A_DIRECTORY && done < runs; i++) {
                    kills.run(done);
                    Duration ready = kills.readyAfter().getLast();
                    readyMs[done++] = ready.toNanos() / 1e6;
                    if (done % 10 == 0) {
                        System.out.println("kills: " + done + " of " + runs);
                    }
                }
                records += kills.records();
            }
        }
        return String.format(
                Locale.ROOT,
                "%d runs, %,d records, each acknowledged one counted exactly once; ready again: %s",
                runs,
                records,
                Load.medianAndWorst(readyMs));
    }
}
