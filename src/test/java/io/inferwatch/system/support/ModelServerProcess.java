package io.inferwatch.system.support;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** {@link FakeModelServer} in a process of its own, as a server that can be killed. It ends with its standard input. */
public final class ModelServerProcess implements AutoCloseable {
    private final Process process;
    private final String address;

    /** Starts it and waits until it listens. */
    public ModelServerProcess() {
        try {
            Path classes = Path.of(ModelServerProcess.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xshare:auto",
                            "-Xmx32m",
                            "-cp",
                            classes.toString(),
                            ModelServerProcess.class.getName())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            BufferedReader out =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            String line = out.readLine();
            if (line == null) {
                throw new AssertionError("the model server's process ended before it listened");
            }
            address = line;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    public long pid() {
        return process.pid();
    }

    /** Of its metrics page. */
    public String address() {
        return address;
    }

    public int port() {
        return URI.create(address).getPort();
    }

    /** Ends it at once and waits for that. */
    public void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        kill();
    }

    /** The process itself. */
    public static void main(String[] arguments) throws IOException {
        try (FakeModelServer server = new FakeModelServer()) {
            System.out.println(server.address());
            while (System.in.read() >= 0) {
                // Until whoever started it is gone.
            }
        }
    }
}
