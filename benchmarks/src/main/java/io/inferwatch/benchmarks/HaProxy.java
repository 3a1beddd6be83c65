package io.inferwatch.benchmarks;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** HAProxy as Debian packages it, in HTTP mode before one server, told to pass each chunk on at once. */
final class HaProxy implements AutoCloseable {
    private static final Duration LISTENS_WITHIN = Duration.ofSeconds(20);
    private static final String CONFIGURATION = """
            global
              maxconn 8000
            defaults
              mode http
              option http-no-delay
              timeout connect 5s
              timeout client 10m
              timeout server 10m
            listen relay
              bind 127.0.0.1:%d
              server upstream 127.0.0.1:%d
            """;

    private final Process process;
    private final Path file;
    private final int port;

    private HaProxy(Process process, Path file, int port) {
        this.process = process;
        this.file = file;
        this.port = port;
    }

    /** The program, from the PATH or where Debian puts it. */
    static Optional<Path> program() {
        String path = System.getenv().getOrDefault("PATH", "") + File.pathSeparator + "/usr/sbin";
        return Stream.of(path.split(File.pathSeparator))
                .map(folder -> Path.of(folder).resolve("haproxy"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    static HaProxy start(Path program, int upstreamPort) {
        try {
            int port = freePort();
            Path file = Files.createTempFile("haproxy-", ".cfg");
            Files.writeString(file, CONFIGURATION.formatted(port, upstreamPort));
            Process process = new ProcessBuilder(program.toString(), "-db", "-f", file.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            HaProxy started = new HaProxy(process, file, port);
            started.awaitListening();
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void awaitListening() {
        long end = System.nanoTime() + LISTENS_WITHIN.toNanos();
        while (System.nanoTime() - end < 0 && process.isAlive()) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
                return;
            } catch (IOException notYet) {
                LockSupport.parkNanos(50_000_000);
            }
        }
        close();
        throw new IllegalStateException("haproxy does not listen");
    }

    int port() {
        return port;
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
