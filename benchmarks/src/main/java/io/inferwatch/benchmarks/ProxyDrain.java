package io.inferwatch.benchmarks;

import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.HeldStream;
import io.inferwatch.system.support.HoldingServer;
import io.inferwatch.system.support.RunningSidecar;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Locale;

/** {@code inferwatch proxy} told to stop while a stream goes on for nearly as long as it waits by default. */
final class ProxyDrain {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final double NANOS_PER_SECOND = 1e9;

    private ProxyDrain() {}

    /** @param seconds how long the stream goes on after the stop */
    static String measure(int seconds) {
        int listen = RunningSidecar.freePort();
        try (HoldingServer server = new HoldingServer()) {
            String config = "servers: [{name: w, proxy: {listen: \"127.0.0.1:" + listen + "\", upstream: \""
                    + server.address() + "\", process: own}}]\n";
            try (RunningSidecar sidecar = RunningSidecar.with().config(config).start();
                    RunningSidecar proxy = RunningSidecar.with()
                            .command("proxy")
                            .port(sidecar.port())
                            .config(config)
                            .prepared()) {
                proxy.launch();
                Await.until("the proxy listens", SOON, () -> HeldStream.isListening(listen));
                return stopped(seconds, listen, server, sidecar, proxy);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    private static String stopped(
            int seconds, int listen, HoldingServer server, RunningSidecar sidecar, RunningSidecar proxy)
            throws IOException, InterruptedException {
        try (HeldStream client = new HeldStream(listen, "held").begun()) {
            proxy.signal("TERM");
            Thread.sleep(Duration.ofSeconds(seconds));
            boolean isRefusing = !HeldStream.isListening(listen);
            server.goOn();
            boolean isWhole = client.whole().equals(HoldingServer.ANSWER);
            long ended = System.nanoTime();
            int exitCode = proxy.awaitEnd(Duration.ofMinutes(1));
            double after = (System.nanoTime() - ended) / NANOS_PER_SECOND;
            Await.until("the record arrives", SOON, () -> sidecar.api().requestsCounted() > 0);
            return String.format(
                    Locale.ROOT,
                    "a stream of %d s after SIGTERM: %s, new connections %s, exit %d %.2f s after its end, %d record",
                    seconds,
                    isWhole ? "whole" : "NOT WHOLE",
                    isRefusing ? "refused" : "TAKEN",
                    exitCode,
                    after,
                    sidecar.api().requestsCounted());
        }
    }
}
