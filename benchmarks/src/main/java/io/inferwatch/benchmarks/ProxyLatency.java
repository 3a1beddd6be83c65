package io.inferwatch.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.HeldStream;
import io.inferwatch.system.support.ProcessFigures;
import io.inferwatch.system.support.RunningSidecar;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What a proxy adds to each chunk on its way, with 1,000 streams open at once: through the sidecar, through a proxy of its own
 * process, through HAProxy and straight to the server, in turn, so that whatever else runs on the machine hits all of them.
 */
final class ProxyLatency {
    private static final int STREAMS = 1_000;
    private static final Duration GAP = Duration.ofMillis(500);
    private static final int CHUNKS = 20;
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration COUNTED_WITHIN = Duration.ofSeconds(30);

    private ProxyLatency() {}

    /** One way to the server, and what it added in each round, in µs. */
    private record Way(String name, int port, ProcessFigures process, List<Double> p50Micros, List<Double> p99Micros) {
        static Way through(String name, int port, long pid) {
            return new Way(name, port, new ProcessFigures(pid), new ArrayList<>(), new ArrayList<>());
        }

        void measure(int round, StreamClient.Result direct) {
            StreamClient.Result relayed = round("round " + round + ", " + name, port);
            p50Micros.add(relayed.micros(50) - direct.micros(50));
            p99Micros.add(relayed.micros(99) - direct.micros(99));
        }

        String words() {
            return String.format(
                    Locale.ROOT,
                    "%s adds p50 %.0f µs, p99 %.0f µs a chunk (medians of %d rounds; p99 %.0f to %.0f), %.0f MiB",
                    name,
                    median(p50Micros),
                    median(p99Micros),
                    p99Micros.size(),
                    Collections.min(p99Micros),
                    Collections.max(p99Micros),
                    process.residentMebibytes());
        }
    }

    static String measure(int rounds) {
        int within = RunningSidecar.freePort();
        int apart = RunningSidecar.freePort();
        try (StreamServer server = new StreamServer(CHUNKS, GAP.toNanos())) {
            String config = """
                    gpu: {enabled: false}
                    servers:
                      - {name: within, proxy: {listen: "127.0.0.1:%d", upstream: "http://127.0.0.1:%d"}}
                      - {name: apart, proxy: {listen: "127.0.0.1:%d", upstream: "http://127.0.0.1:%d", process: own}}
                    """.formatted(within, server.port(), apart, server.port());
            try (RunningSidecar sidecar = RunningSidecar.with().config(config).start();
                    RunningSidecar proxy = RunningSidecar.with()
                            .command("proxy")
                            .port(sidecar.port())
                            .config(config)
                            .prepared();
                    HaProxy haproxy = HaProxy.program()
                            .map(program -> HaProxy.start(program, server.port()))
                            .orElse(null)) {
                proxy.launch();
                List<Way> ways = new ArrayList<>();
                ways.add(Way.through("the sidecar", within, sidecar.figures().pid()));
                ways.add(Way.through("inferwatch proxy", apart, proxy.figures().pid()));
                if (haproxy != null) {
                    ways.add(Way.through("haproxy", haproxy.port(), haproxy.pid()));
                }
                ways.forEach(
                        way -> Await.until(way.name() + " listens", SOON, () -> HeldStream.isListening(way.port())));
                return told(rounds, server, sidecar, ways);
            }
        }
    }

    private static String told(int rounds, StreamServer server, RunningSidecar sidecar, List<Way> ways) {
        // Compiled code is what is measured.
        ways.forEach(way -> round("warm-up, " + way.name(), way.port()));
        for (int i = 1; i <= rounds; i++) {
            StreamClient.Result direct = round("round " + i + ", direct", server.port());
            for (Way way : ways) {
                way.measure(i, direct);
            }
        }
        String told = ways.stream().map(Way::words).collect(Collectors.joining("; "));
        return told + "; " + counted(sidecar, 2 * (rounds + 1L) * STREAMS)
                + (ways.size() < 3 ? "; haproxy was not measured: install it (Debian: apt-get install haproxy)" : "");
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

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    /** Every request is a record, or counted as dropped. */
    private static String counted(RunningSidecar sidecar, long streams) {
        long records = Await.value(
                "every stream is counted or dropped",
                COUNTED_WITHIN,
                () -> sidecar.api().requestsCounted() + dropped(sidecar),
                told -> told >= streams);
        return records - dropped(sidecar) + " of " + streams + " streams recorded, " + dropped(sidecar) + " dropped";
    }

    private static long dropped(RunningSidecar sidecar) {
        long dropped = 0;
        for (JsonNode source : sidecar.api().read("/api/v1/sources").path("sources")) {
            dropped += source.path("dropped").asLong();
        }
        return dropped;
    }
}
