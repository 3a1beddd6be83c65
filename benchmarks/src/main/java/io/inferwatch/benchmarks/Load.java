package io.inferwatch.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Locale;

/** The load harness: one figure a command, printed as one line with the machine and the date. */
public final class Load {
    private static final String USAGE = """
            usage: benchmarks/load throughput [SECONDS]   records/s from HTTP to queryable, batches of 5,000 (60)
                   benchmarks/load peer [SECONDS]         the same beside VictoriaMetrics, in turn, three rounds (20)
                   benchmarks/load footprint [MINUTES]    CPU and memory at 100 requests/s with 8 GPUs (10)
                   benchmarks/load gpus [SECONDS]         every value of 10 scripted GPUs found again, and what reading costs (60)
                   benchmarks/load start [TIMES]          launcher to ready (21)
                   benchmarks/load latency [TIMES]        from a push to the POST at the receiver (40)
                   benchmarks/load queries [TIMES]        percentiles over a day of 10 s windows (50)
                   benchmarks/load heatmap [TIMES]        the dashboard's heatmap over a day: answer and drawing (20)
                   benchmarks/load first-chart [TIMES]    from `inferwatch demo` to a chart in the browser (5)
                   benchmarks/load proxy [ROUNDS]         what both proxies add to a chunk, and HAProxy, 1,000 streams (5)
                   benchmarks/load drain [SECONDS]        inferwatch proxy stopped amid a stream that goes on so long (570)
                   benchmarks/load kills [RUNS]           kill -9 at random points (1000)
            """;

    private Load() {}

    public static void main(String[] arguments) {
        if (arguments.length == 0 || arguments.length > 2) {
            System.err.print(USAGE);
            System.exit(2);
        }
        String figure = switch (arguments[0]) {
            case "throughput" -> Throughput.measure(count(arguments, 60));
            case "peer" -> Peer.measure(count(arguments, 20));
            case "footprint" -> Footprint.measure(count(arguments, 10));
            case "gpus" -> GpuReadings.measure(count(arguments, 60));
            case "start" -> StartTime.measure(count(arguments, 21));
            case "latency" -> AlertLatency.measure(count(arguments, 40));
            case "queries" -> QueryTime.measure(count(arguments, 50));
            case "heatmap" -> HeatmapTime.measure(count(arguments, 20));
            case "first-chart" -> FirstChart.measure(count(arguments, 5));
            case "proxy" -> ProxyLatency.measure(count(arguments, 5));
            case "drain" -> ProxyDrain.measure(count(arguments, 570));
            case "kills" -> Kills.measure(count(arguments, 1000));
            default -> {
                System.err.print(USAGE);
                System.exit(2);
                yield "";
            }
        };
        System.out.println(arguments[0] + ": " + figure + " · " + machine());
        System.exit(0);
    }

    private static int count(String[] arguments, int otherwise) {
        return arguments.length == 2 ? Integer.parseInt(arguments[1]) : otherwise;
    }

    private static String machine() {
        try {
            long memoryKibibytes = Files.readAllLines(Path.of("/proc/meminfo")).stream()
                    .filter(line -> line.startsWith("MemTotal:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                    .findFirst()
                    .orElse(0);
            return String.format(
                    Locale.ROOT,
                    "%d CPUs, %.0f GiB, %s",
                    Runtime.getRuntime().availableProcessors(),
                    memoryKibibytes / 1048576.0,
                    LocalDate.now(ZoneOffset.UTC));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Median and worst of some times, in milliseconds. */
    static String medianAndWorst(double[] ms) {
        double[] sorted = ms.clone();
        Arrays.sort(sorted);
        return String.format(
                Locale.ROOT,
                "median %.0f ms, worst %.0f ms of %d",
                sorted[sorted.length / 2],
                sorted[sorted.length - 1],
                sorted.length);
    }
}
