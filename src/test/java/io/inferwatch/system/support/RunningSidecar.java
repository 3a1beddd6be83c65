package io.inferwatch.system.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The sidecar as a user starts it: the launcher, a configuration file, a rules file, a data directory of its own and a
 * free port. It can be killed and started again on the same data. Not safe for use by several threads, except
 * {@link #api}.
 */
public final class RunningSidecar implements AutoCloseable {
    private static final Duration READY_LIMIT = Duration.ofSeconds(60);
    private static final int LOWEST_PORT = 20_000;
    /** The default of {@code net.ipv4.ip_local_port_range}. */
    private static final int LOWEST_OUTGOING_PORT = 32_768;

    private static final Set<Integer> PORTS_GIVEN = ConcurrentHashMap.newKeySet();

    private final Path folder;
    private final Path data;
    private final int port;
    private final List<String> arguments;
    private final Map<String, String> environment;
    private final boolean isFolderOwned;
    private @Nullable Process process;
    private SidecarApi api;
    private Duration readyAfter = Duration.ZERO;

    private RunningSidecar(Builder builder) throws IOException {
        isFolderOwned = builder.data.isEmpty();
        folder = Files.createTempDirectory("inferwatch-system-");
        data = builder.data.orElse(folder.resolve("data"));
        port = builder.port.isPresent() ? builder.port.getAsInt() : freePort();
        environment = Map.copyOf(builder.environment);
        Files.writeString(configFile(), builder.config);
        List<String> all = new ArrayList<>(List.of(builder.command, "--data", data.toString(), "--port", port + ""));
        if (!builder.command.equals("demo")) {
            all.addAll(List.of("--config", configFile().toString()));
        }
        if (builder.rules.isPresent()) {
            Files.writeString(rulesFile(), builder.rules.get());
            all.addAll(List.of("--rules", rulesFile().toString()));
        }
        all.addAll(builder.arguments);
        arguments = List.copyOf(all);
        api = new SidecarApi(port, data);
    }

    /** A sidecar on its defaults; add what it needs, then {@code start()}. */
    public static Builder with() {
        return new Builder();
    }

    /** What a sidecar is started with. */
    public static final class Builder {
        private String config = "";
        private String command = "run";
        private Optional<String> rules = Optional.empty();
        private Optional<Path> data = Optional.empty();
        private OptionalInt port = OptionalInt.empty();
        private final List<String> arguments = new ArrayList<>();
        private final Map<String, String> environment = new HashMap<>();

        public Builder config(String yaml) {
            config = yaml;
            return this;
        }

        public Builder rules(String yaml) {
            rules = Optional.of(yaml);
            return this;
        }

        /** Another command that serves, such as {@code demo}, which is given no configuration file. */
        public Builder command(String name) {
            command = name;
            return this;
        }

        /** Not a free one, but this. */
        public Builder port(int number) {
            port = OptionalInt.of(number);
            return this;
        }

        /** A data directory that outlives this sidecar; without one it has its own, removed on close. */
        public Builder data(Path directory) {
            data = Optional.of(directory);
            return this;
        }

        public Builder argument(String... more) {
            arguments.addAll(List.of(more));
            return this;
        }

        public Builder environment(String name, String value) {
            environment.put(name, value);
            return this;
        }

        /** Starts it and waits until it is ready. */
        public RunningSidecar start() {
            RunningSidecar sidecar = prepared();
            try {
                sidecar.start();
            } catch (AssertionError e) {
                sidecar.close();
                throw e;
            }
            return sidecar;
        }

        /** Files written, nothing running yet. */
        public RunningSidecar prepared() {
            try {
                return new RunningSidecar(this);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Waits for a line that the program has still to write. */
    public void awaitLog(String part) {
        Await.until(
                () -> "the log says \"" + part + "\"; it says:\n" + log(),
                Duration.ofSeconds(5),
                () -> log().contains(part));
    }

    /** Starts the program, again where it was killed before, and waits until it is ready. */
    public void start() {
        long began = System.nanoTime();
        launch();
        Await.until("ready on port " + port, READY_LIMIT, () -> {
            if (!isAlive()) {
                throw new AssertionError("ended with " + exitCode() + " before it was ready:\n" + logTail(3000));
            }
            return api.isReady();
        });
        readyAfter = Duration.ofNanos(System.nanoTime() - began);
    }

    /** Starts the program and waits for nothing. */
    public void launch() {
        try {
            ProcessBuilder builder = Launcher.command(arguments)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile().toFile()))
                    .redirectInput(Path.of("/dev/null").toFile());
            builder.environment().putAll(environment);
            process = builder.start();
            api = new SidecarApi(port, data);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public SidecarApi api() {
        return api;
    }

    /** From launch to the first 200 of {@code /health/ready}, at the last start. */
    public Duration readyAfter() {
        return readyAfter;
    }

    public int port() {
        return port;
    }

    public Path data() {
        return data;
    }

    /** The program's working directory. */
    public Path folder() {
        return folder;
    }

    public Path configFile() {
        return folder.resolve("config.yml");
    }

    public Path rulesFile() {
        return folder.resolve("rules.yml");
    }

    public Path logFile() {
        return folder.resolve("log.txt");
    }

    public ProcessFigures figures() {
        return new ProcessFigures(process().pid());
    }

    public boolean isAlive() {
        return process().isAlive();
    }

    /** The exit code of a program that has ended. */
    public int exitCode() {
        return process().exitValue();
    }

    /** kill -9. */
    public void kill() {
        process().destroyForcibly();
        awaitEnd(Duration.ofSeconds(60));
    }

    /** SIGTERM, then waits for the end; the exit code. */
    public int terminate() {
        process().destroy();
        return awaitEnd(Duration.ofSeconds(60));
    }

    /** Any signal by name, {@code HUP} or {@code TERM}; waits for nothing. A program that has ended meanwhile gets none. */
    public void signal(String name) {
        try {
            int code = new ProcessBuilder("kill", "-" + name, process().pid() + "")
                    .start()
                    .waitFor();
            if (code != 0 && isAlive()) {
                throw new AssertionError("kill -" + name + " ended with " + code);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    /** Waits for the program to end; its exit code. */
    public int awaitEnd(Duration limit) {
        try {
            if (!process().waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("still running after " + limit + ":\n" + logTail(3000));
            }
            return exitCode();
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    /** Everything the program has written so far. */
    public String log() {
        try {
            return Files.exists(logFile()) ? Files.readString(logFile()) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String logTail(int characters) {
        String all = log();
        return all.substring(Math.max(0, all.length() - characters));
    }

    /** Rewrites the rules file as an editor does: a new file renamed over the old one. */
    public void rewriteRules(String yaml) {
        replace(rulesFile(), yaml);
    }

    public void rewriteConfig(String yaml) {
        replace(configFile(), yaml);
    }

    @Override
    public void close() {
        if (process != null && isAlive()) {
            kill();
        } else if (process != null && exitCode() != 0) {
            System.out.println("the sidecar had ended with " + exitCode() + "; its log ends:\n" + logTail(3000));
        }
        removeAll(folder);
        if (isFolderOwned) {
            removeAll(data);
        }
    }

    private Process process() {
        if (process == null) {
            throw new IllegalStateException("never launched");
        }
        return process;
    }

    private static void replace(Path file, String text) {
        try {
            Path fresh = Files.writeString(file.resolveSibling(file.getFileName() + ".new"), text);
            Files.move(
                    fresh,
                    file,
                    java.nio.file.StandardCopyOption.ATOMIC_MOVE,
                    java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void removeAll(Path root) {
        if (!Files.exists(root)) {
            return;
        }
        try (Stream<Path> found = Files.walk(root)) {
            for (Path path : found.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A port nobody listens on at this moment and nobody was given before, from below those that Linux gives to outgoing
     * connections: none of these can take it before the program listens, or between its end and its next start.
     */
    public static int freePort() {
        for (int tries = 0; tries < 1_000; tries++) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST_PORT, LOWEST_OUTGOING_PORT);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                if (PORTS_GIVEN.add(socket.getLocalPort())) {
                    return socket.getLocalPort();
                }
            } catch (BindException e) {
                // somebody listens there: another one
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        throw new AssertionError("no free port between " + LOWEST_PORT + " and " + LOWEST_OUTGOING_PORT);
    }
}
