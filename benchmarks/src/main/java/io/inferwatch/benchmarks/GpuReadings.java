package io.inferwatch.benchmarks;

import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.RequestRecord;
import io.inferwatch.system.support.RunningSidecar;
import io.inferwatch.system.support.Traffic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Eight scripted H100 and two divided by MIG, read at the default rate while their counters run: whether every value is found
 * again, what the driver is asked, and what that costs.
 */
final class GpuReadings {
    /** The compiler has seen the beat by then. */
    private static final int WARM_UP_SECONDS = 30;

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration BETWEEN_PUSHES = Duration.ofMillis(20);
    private static final int PUSHES = 300;

    /** Asked of each GPU once a beat. */
    private static final String ONCE_A_BEAT = "nvmlDeviceGetTemperature";

    private static final Pattern COST =
            Pattern.compile("inferwatch_nvml_(time_seconds|calls)_total\\{[^}]*call=\"(\\w+)\"[^}]*} (\\S+)");

    private final ScriptedHost host;
    private final RunningSidecar sidecar;
    private final Traffic traffic = new Traffic(1, "g");

    private GpuReadings(ScriptedHost host, RunningSidecar sidecar) {
        this.host = host;
        this.sidecar = sidecar;
    }

    /** What the driver has been asked so far, and what that took. */
    private record Cost(Map<String, Double> calls, Map<String, Double> seconds, double cpuSeconds, long nanos) {}

    static String measure(int seconds) {
        try {
            ScriptedHost host = ScriptedHost.compile(Files.createTempDirectory("inferwatch-gpus-"));
            try (RunningSidecar sidecar = RunningSidecar.with()
                    .config("gpu: {library: %s}\n".formatted(host.library()))
                    .start()) {
                return new GpuReadings(host, sidecar).run(seconds);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String run(int seconds) {
        GpuTruth truth = new GpuTruth(sidecar);
        truth.awaitFirstReadings();
        load(0, WARM_UP_SECONDS);
        Cost before = cost();
        load(WARM_UP_SECONDS, WARM_UP_SECONDS + seconds);
        Cost after = cost();
        truth.check(WARM_UP_SECONDS + seconds);
        String pushes = pushesBesideTrouble(WARM_UP_SECONDS + seconds);
        truth.missed().forEach(System.out::println);
        host.faults().forEach(fault -> System.out.println("forbidden by NVML: " + fault));
        String figure = figure(before, after);
        if (!truth.missed().isEmpty() || !host.faults().isEmpty()) {
            throw new AssertionError("what was scripted is not what was found; " + figure);
        }
        return truth.found() + " checks of " + ScriptedHost.ALL + " scripted GPUs hold · " + figure + " · " + pushes;
    }

    /** What a push takes while all is well, and while the driver hangs on one GPU and is slow on another. */
    private String pushesBesideTrouble(int seconds) {
        pushes();
        String well = Load.medianAndWorst(pushes());
        host.at(seconds, ScriptedHost.TROUBLE);
        Await.until(
                "GPU 2 is unresponsive",
                Duration.ofSeconds(30),
                () -> sidecar.api()
                        .read("/api/v1/gpus")
                        .path("gpus")
                        .path(2)
                        .path("verdict")
                        .path("state")
                        .asText()
                        .equals("driver_unresponsive"));
        String beside = Load.medianAndWorst(pushes());
        host.at(seconds);
        return "a push of 10 records: " + well + "; beside a hung and a slow GPU: " + beside;
    }

    /** In milliseconds each. */
    private double[] pushes() {
        double[] times = new double[PUSHES];
        for (int push = 0; push < PUSHES; push++) {
            List<RequestRecord> records = traffic.take(10, 3, "chat");
            long began = System.nanoTime();
            sidecar.api().push(records);
            times[push] = (System.nanoTime() - began) / 1e6;
            LockSupport.parkNanos(BETWEEN_PUSHES.toNanos());
        }
        return times;
    }

    private void load(int from, int until) {
        long began = System.nanoTime();
        for (int second = from + 1; second <= until; second++) {
            LockSupport.parkNanos(began + (second - from) * SECOND.toNanos() - System.nanoTime());
            if (second == from + 1 && from > 0) {
                host.at(second, ScriptedHost.XID);
            } else {
                host.at(second);
            }
        }
    }

    private Cost cost() {
        Map<String, Double> calls = new TreeMap<>();
        Map<String, Double> seconds = new TreeMap<>();
        double cpuSeconds = sidecar.figures().cpuSeconds();
        long nanos = System.nanoTime();
        Matcher line = COST.matcher(sidecar.api().get("/metrics").text());
        while (line.find()) {
            (line.group(1).equals("calls") ? calls : seconds).put(line.group(2), Double.parseDouble(line.group(3)));
        }
        return new Cost(calls, seconds, cpuSeconds, nanos);
    }

    /** By what the driver was asked meanwhile: the sidecar's figures of itself are some seconds old. */
    private static String figure(Cost before, Cost after) {
        double beats = grown(before.calls(), after.calls(), ONCE_A_BEAT);
        StringBuilder table = new StringBuilder("calls of one GPU in a minute, and µs each\n");
        double seconds = 0;
        double calls = 0;
        for (String symbol : after.calls().keySet()) {
            double made = grown(before.calls(), after.calls(), symbol);
            double took = grown(before.seconds(), after.seconds(), symbol);
            seconds += took;
            calls += made;
            if (made > 0) {
                table.append(
                        String.format(Locale.ROOT, "%10.1f %8.1f  %s%n", 60 * made / beats, 1e6 * took / made, symbol));
            }
        }
        System.out.print(table);
        return String.format(
                Locale.ROOT,
                "%.2f ms in the driver for a GPU and second in %.1f calls · %.2f %% of one core",
                1e3 * seconds / beats,
                calls / beats,
                100 * (after.cpuSeconds() - before.cpuSeconds()) / ((after.nanos() - before.nanos()) / 1e9));
    }

    private static double grown(Map<String, Double> before, Map<String, Double> after, String symbol) {
        return after.getOrDefault(symbol, 0.0) - before.getOrDefault(symbol, 0.0);
    }
}
