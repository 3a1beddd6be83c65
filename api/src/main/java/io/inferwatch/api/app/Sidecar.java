package io.inferwatch.api.app;

import io.inferwatch.api.config.Configuration;
import io.inferwatch.gpu.GpuFleet;
import io.inferwatch.gpu.Nvml;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * The whole sidecar: start, stop, reload. A failed start leaves nothing running. Any thread, but one start and one stop.
 */
public final class Sidecar implements AutoCloseable {

    /**
     * What a start may be told beyond its configuration; the demo differs from a real run in nothing else.
     *
     * @param gpus where GPUs are read
     * @param labels further static labels
     */
    public record Options(Optional<Nvml.Opener> gpus, Map<String, String> labels, Map<String, String> environment) {
        public Options {
            labels = Map.copyOf(labels);
            environment = Map.copyOf(environment);
        }

        public static Options of(Map<String, String> environment) {
            return new Options(Optional.empty(), Map.of(), environment);
        }
    }

    private static final Duration FIRST_GPU_WORD = Duration.ofSeconds(3);

    private final Lifecycle lifecycle;
    private final Parts parts;
    private final RulesDesk desk;
    private final HttpFront http;
    private final String dataDirectory;

    private Sidecar(Lifecycle lifecycle, Wiring.Running running, HttpFront http, String dataDirectory) {
        this.lifecycle = lifecycle;
        this.parts = running.parts();
        this.desk = running.desk();
        this.http = http;
        this.dataDirectory = dataDirectory;
    }

    /**
     * Returns once the journal is replayed and records are taken.
     *
     * @throws StartException when it cannot start
     * @throws io.inferwatch.api.config.ConfigException when the configuration cannot be used
     */
    public static Sidecar start(Configuration configuration, Options options) {
        String directory = configuration.text("data.dir");
        Lifecycle lifecycle = new Lifecycle();
        try {
            Wiring wiring = new Wiring(configuration, options, lifecycle);
            DataDirectory data = wiring.openDataDirectory();
            Live live = new Live();
            HttpFront http = new HttpFront(configuration, wiring.tokens(data), live, lifecycle);
            http.startBeside();
            Wiring.Running running = wiring.start(data);
            http.awaitStarted();
            live.ready(running.parts(), running.desk());
            lifecycle.onStop("api", live::stopping);
            return new Sidecar(lifecycle, running, http, directory);
        } catch (IOException e) {
            lifecycle.close();
            throw new StartException(2, directory + ": " + e);
        } catch (RuntimeException | Error e) {
            lifecycle.close();
            throw e;
        }
    }

    /** The one line that says it serves. */
    public String readyLine() {
        return "inferwatch ready on " + http.address() + " · gpus: " + gpuWord() + " · rules: "
                + parts.rules().current().rules().size() + " · data: " + dataDirectory;
    }

    private String gpuWord() {
        parts.gpus().awaitFirstWord(FIRST_GPU_WORD);
        GpuFleet fleet = parts.gpus().fleet();
        return fleet.gpus().isEmpty()
                ? "none (" + fleet.reason().orElse("none answered yet") + ")"
                : Integer.toString(fleet.gpus().size());
    }

    /** The running parts, for a traffic generator in the same process. */
    public Parts parts() {
        return parts;
    }

    /**
     * Repeats a step on a thread of its own until the stop.
     *
     * @param step takes one step and says how long to rest
     */
    public void repeat(String name, Callable<Duration> step) {
        Loops loop = Loops.start(name, step::call);
        lifecycle.onStop(name, () -> loop.stop(Duration.ofSeconds(1)));
    }

    /** Where the API answers. */
    public String address() {
        return http.address();
    }

    /** Re-reads the rules; what is wrong is logged and the running rules stay. */
    public void reload() {
        desk.reload();
    }

    /** Stops taking, drains, closes; within about ten seconds. */
    @Override
    public void close() {
        lifecycle.close();
    }
}
