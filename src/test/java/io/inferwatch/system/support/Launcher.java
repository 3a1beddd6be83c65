package io.inferwatch.system.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The launcher {@code ./inferwatch} of this checkout. It is told not to build: the reactor has just packaged the
 * program, and two builds in one folder would destroy each other.
 */
public final class Launcher {
    /** Passed to every start; the launcher then takes what is packaged as it is. */
    private static final Map<String, String> NO_BUILD = Map.of("INFERWATCH_SKIP_BUILD", "1");

    /** A command is over in a second or two; a machine that stands still now and then gets room. */
    private static final long END_SECONDS = 180;

    private static final Path ROOT = findRoot();
    private static boolean isPrepared;

    private Launcher() {}

    public static Path root() {
        return ROOT;
    }

    /** A start of the program, not yet running; standard output and error go where the caller says. */
    public static ProcessBuilder command(List<String> arguments) {
        prepare();
        List<String> command = new ArrayList<>();
        command.add(ROOT.resolve("inferwatch").toString());
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(NO_BUILD);
        return builder;
    }

    /** Runs a command to its end. */
    public static Ended run(Path workingDirectory, Map<String, String> environment, String... arguments) {
        try {
            ProcessBuilder builder = command(List.of(arguments)).directory(workingDirectory.toFile());
            builder.environment().putAll(environment);
            Path out = Files.createTempFile("inferwatch-out", ".txt");
            Path err = Files.createTempFile("inferwatch-err", ".txt");
            Process process = builder.redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            process.getOutputStream().close();
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("still running after " + END_SECONDS + " s: inferwatch "
                        + String.join(" ", arguments) + "\n" + Files.readString(out) + Files.readString(err));
            }
            Ended ended = new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
            Files.delete(out);
            Files.delete(err);
            return ended;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    /** How a command ended. */
    public record Ended(int exitCode, String out, String err) {
        public String all() {
            return out + err;
        }
    }

    /**
     * Checks that the program is packaged, and makes the start cache that the launcher's own build makes: without it the
     * start takes two to three times as long, and no user sees it so.
     */
    private static synchronized void prepare() {
        if (isPrepared) {
            return;
        }
        isPrepared = true;
        Path app = ROOT.resolve("api/target/inferwatch");
        Path jar = app.resolve("inferwatch.jar");
        if (!Files.exists(jar)) {
            throw new AssertionError(jar + " is missing: run ./mvnw verify, which packages before it tries");
        }
        Path cache = app.resolve("inferwatch.aot");
        // Where tests run in several processes, one makes it and the others wait until it is whole.
        try (FileChannel file = FileChannel.open(
                ROOT.resolve("api/target/.aot-lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            FileLock lock = file.lock();
            if (!Files.exists(cache)
                    || Files.getLastModifiedTime(cache).compareTo(Files.getLastModifiedTime(jar)) < 0) {
                Files.deleteIfExists(cache);
                run(
                        ROOT,
                        Map.of(
                                "INFERWATCH_JVM_FLAGS",
                                "-XX:-AOTRecordTraining -Xlog:disable -XX:AOTCacheOutput=" + cache),
                        "train-aot");
            }
            lock.release();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path findRoot() {
        Path folder = Path.of(System.getProperty("user.dir")).toAbsolutePath();
        while (folder != null) {
            if (Files.exists(folder.resolve("inferwatch")) && Files.exists(folder.resolve("mvnw"))) {
                return folder;
            }
            folder = folder.getParent();
        }
        throw new IllegalStateException(
                "no folder above " + System.getProperty("user.dir") + " holds inferwatch and mvnw");
    }
}
