package io.inferwatch.benchmarks;

import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.RunningSidecar;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * What a proxy adds to each chunk on its way, with 1,000 streams open at once: through Inferwatch, through HAProxy and straight to the
 * server, in turn, so that whatever else runs on the machine hits all three.
 */
final class ProxyLatency {
    private static final int STREAMS = 1_000;
    private static final Duration GAP = Duration.ofMillis(500);
    private static final int CHUNKS = 20;
    private static final Duration COUNTED_WITHIN = Duration.ofSeconds(30);

    private ProxyLatency() {}

    /** One round of one way, in µs. */
    private record Added(double p50Micros, double p99Micros) {
        static Added over(StreamClient.Result direct, StreamClient.Result relayed) {
            return new Added(relayed.micros(50) - direct.micros(50), relayed.micros(99) - direct.micros(99));
        }
    }

    static String measure(int rounds) {
        Optional<HaProxy> peer = Optional.empty();
        try (StreamServer server = new StreamServer(CHUNKS, GAP.toNanos());
                RunningSidecar sidecar = RunningSidecar.with()
                        .config("""
                                gpu: {enabled: false}
                                servers:
                                  - {name: relayed, proxy: {listen: "127.0.0.1:0", upstream: "http://127.0.0.1:%d"}}
                                """.formatted(server.port()))
                        .start()) {
            peer = HaProxy.program().map(program -> HaProxy.start(program, server.port()));
            int port =
                    Await.value("the proxy tells its address", COUNTED_WITHIN, () -> portOf(sidecar), told -> told > 0);
            // Compiled code is what is measured.
            round("warm-up, inferwatch", port);
            List<Added> ours = new ArrayList<>();
            List<Added> theirs = new ArrayList<>();
            for (int i = 1; i <= rounds; i++) {
                StreamClient.Result direct = round("round " + i + ", direct", server.port());
                ours.add(Added.over(direct, round("round " + i + ", inferwatch", port)));
                if (peer.isPresent()) {
                    theirs.add(Added.over(
                            direct, round("round " + i + ", haproxy", peer.get().port())));
                }
            }
            String own = "inferwatch adds " + words(ours) + ", "
                    + String.format(Locale.ROOT, "%.0f MiB", sidecar.figures().residentMebibytes())
                    + ", " + counted(sidecar, (rounds + 1L) * STREAMS);
            return own
                    + peer.map(haproxy -> "; haproxy adds " + words(theirs)
                                    + String.format(Locale.ROOT, ", %.0f MiB", haproxy.residentMebibytes()))
                            .orElse("; haproxy was not measured: install it (Debian: apt-get install haproxy)");
        } finally {
            peer.ifPresent(HaProxy::close);
        }
    }

    private static int portOf(RunningSidecar sidecar) {
        String address = sidecar.api()
                .read("/api/v1/sources")
                .path("sources")
                .path(0)
                .path("address")
                .asText();
        return address.isEmpty() ? 0 : Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    private static StreamClient.Result round(String who, int port) {
        StreamClient.Result result = StreamClient.read(port, STREAMS, GAP.toNanos() * 4);
        System.out.printf(
                Locale.ROOT,
                "%s: %d streams, %d chunks, on their way p50 %.0f µs, p99 %.0f µs%n",
                who,
                result.streamsEnded(),
                result.tokens(),
                result.micros(50),
                result.micros(99));
        return result;
    }

    private static String words(List<Added> rounds) {
        return String.format(
                Locale.ROOT,
                "p50 %.0f µs, p99 %.0f µs a chunk (medians of %d rounds; p99 %.0f to %.0f)",
                median(rounds, Added::p50Micros),
                median(rounds, Added::p99Micros),
                rounds.size(),
                rounds.stream().mapToDouble(Added::p99Micros).min().orElse(Double.NaN),
                rounds.stream().mapToDouble(Added::p99Micros).max().orElse(Double.NaN));
    }

    private static double median(List<Added> rounds, ToDoubleFunction<Added> of) {
        double[] sorted = rounds.stream().mapToDouble(of).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    /** Every request is a record, or counted as dropped. */
    private static String counted(RunningSidecar sidecar, long streams) {
        long records = Await.value(
                "every stream is counted or dropped",
                COUNTED_WITHIN,
                () -> records(sidecar) + dropped(sidecar),
                told -> told >= streams);
        return records - dropped(sidecar) + " of " + streams + " streams recorded, " + dropped(sidecar) + " dropped";
    }

    private static long records(RunningSidecar sidecar) {
        return sidecar.api()
                .read("/api/v1/windows", "metric", "llm.requests", "agg", "sum", "from", "-1h")
                .path("series")
                .path(0)
                .path("value")
                .asLong();
    }

    private static long dropped(RunningSidecar sidecar) {
        return sidecar.api()
                .read("/api/v1/sources")
                .path("sources")
                .path(0)
                .path("dropped")
                .asLong();
    }
}
