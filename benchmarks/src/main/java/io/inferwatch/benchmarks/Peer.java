package io.inferwatch.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Throughput beside VictoriaMetrics on the same machine, in turn, so that whatever else runs there hits both. */
final class Peer {
    private static final int ROUNDS = 3;

    private Peer() {}

    static String measure(int seconds) {
        Optional<VictoriaMetrics> peer = VictoriaMetrics.find();
        List<Throughput.Result> ours = new ArrayList<>();
        List<Throughput.Result> theirs = new ArrayList<>();
        for (int round = 1; round <= ROUNDS; round++) {
            ours.add(run(round, "inferwatch", Throughput.run(seconds)));
            if (peer.isPresent()) {
                theirs.add(run(round, "victoria-metrics", peer.get().run(seconds)));
            }
        }
        String own = "inferwatch " + best(ours);
        return peer.isEmpty()
                ? own + "; victoria-metrics was not measured: no such program in the PATH and none named by "
                        + VictoriaMetrics.VARIABLE + "; install it (Debian: apt-get install victoria-metrics)"
                : own + "; victoria-metrics " + best(theirs);
    }

    private static Throughput.Result run(int round, String who, Throughput.Result result) {
        System.out.println("round " + round + ", " + who + ": " + result.words());
        return result;
    }

    private static String best(List<Throughput.Result> results) {
        double[] rates = results.stream()
                .mapToDouble(Throughput.Result::recordsPerSecond)
                .sorted()
                .toArray();
        return String.format(
                Locale.ROOT,
                "median %,.0f records/s (%,.0f to %,.0f)",
                rates[rates.length / 2],
                rates[0],
                rates[rates.length - 1]);
    }
}
