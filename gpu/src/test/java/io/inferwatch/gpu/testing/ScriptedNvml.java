package io.inferwatch.gpu.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Assumptions;

/**
 * A real {@code libnvidia-ml.so.1} that answers as a script says, compiled by gcc into a folder of its own, to be loaded
 * as the production code loads any: {@code gpu.library} = {@link #library()}. The script's format:
 * docs/scripted-nvml.md. Also for a sidecar in another process.
 */
public final class ScriptedNvml {
    private static final String LIBRARY = "libnvidia-ml.so.1";
    private static final String SOURCE = "scripted_nvml.c";
    private static final List<String> PARTS =
            List.of(SOURCE, "scripted_readings.h", "scripted_readings.c", "scripted_life.c");

    /** By the symbols left out: compiling takes longer than most tests. */
    private static final Map<List<String>, byte[]> COMPILED = new ConcurrentHashMap<>();

    private final Path folder;

    private ScriptedNvml(Path folder) {
        this.folder = folder;
    }

    /**
     * Compiles the library. Where there is no gcc the running test is reported as not run, with the reason.
     *
     * @param folder empty, and one for each library: two in one folder would be one
     * @param withoutSymbols C functions that this driver does not have
     */
    public static ScriptedNvml compile(Path folder, String... withoutSymbols) {
        byte[] library = COMPILED.computeIfAbsent(List.of(withoutSymbols), without -> compiled(folder, without));
        try {
            Files.write(folder.resolve(LIBRARY), library);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        return new ScriptedNvml(folder).script("");
    }

    private static byte[] compiled(Path folder, List<String> withoutSymbols) {
        try {
            for (String part : PARTS) {
                unpack(part, folder);
            }
            List<String> command = new ArrayList<>(List.of("gcc", "-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror"));
            command.addAll(List.of("-shared", "-fPIC", "-o", "compiled.so"));
            withoutSymbols.forEach(symbol -> command.add("-DWITHOUT_" + symbol));
            command.addAll(List.of(SOURCE, "-lpthread", "-ldl"));
            gcc(command, folder);
            return Files.readAllBytes(folder.resolve("compiled.so"));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static void unpack(String part, Path folder) throws IOException {
        try (InputStream code = ScriptedNvml.class.getResourceAsStream(part)) {
            if (code == null) {
                throw new IllegalStateException(part + " is not among the test resources");
            }
            Files.copy(code, folder.resolve(part), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** What to configure as {@code gpu.library}. */
    public Path library() {
        return folder.resolve(LIBRARY);
    }

    /** Replaces the script; the next call of any NVML function goes by the new one. */
    public ScriptedNvml script(String... lines) {
        return script(UTF_8, lines);
    }

    /** The same in other bytes than a driver should write. */
    public ScriptedNvml script(Charset charset, String... lines) {
        try {
            Path next = Files.createTempFile(folder, "nvml", ".next");
            Files.writeString(next, String.join("\n", lines) + "\n", charset);
            Files.move(
                    next,
                    folder.resolve("nvml.script"),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        return this;
    }

    /** What the caller did that NVML forbids, and script lines that were not understood. */
    public List<String> faults() {
        Path faults = folder.resolve("nvml.faults");
        try {
            return Files.exists(faults) ? Files.readAllLines(faults) : List.of();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** How often this process has called the function. */
    public long calls(String symbol) {
        return function("scripted_nvml_calls").invokeLong(new Object[] {symbol});
    }

    /** How many {@code nvmlInit_v2} of this process are not yet undone by {@code nvmlShutdown}. */
    public int inits() {
        return function("scripted_nvml_inits").invokeInt(new Object[] {});
    }

    /** How many calls of this process will not return before the script that stands now is replaced. */
    public int hanging() {
        return function("scripted_nvml_hanging").invokeInt(new Object[] {});
    }

    /** What gcc says a struct's size is, by the name the Java layout has. */
    public int sizeOf(String layout) {
        return function("scripted_nvml_sizeof").invokeInt(new Object[] {layout});
    }

    private Function function(String symbol) {
        return NativeLibrary.getInstance(library().toString()).getFunction(symbol);
    }

    private static void gcc(List<String> command, Path folder) {
        try {
            Process compiler = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(compiler.getInputStream().readAllBytes(), UTF_8);
            if (compiler.waitFor() != 0) {
                throw new IllegalStateException("gcc failed on " + SOURCE + ":\n" + said);
            }
        } catch (IOException noCompiler) {
            Assumptions.abort("not run: the scripted NVML library needs gcc, which is not installed here ("
                    + noCompiler.getMessage() + ")");
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while gcc ran", interrupted);
        }
    }
}
