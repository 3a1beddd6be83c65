package io.inferwatch.gpu.jna;

import com.sun.jna.NativeLibrary;
import io.inferwatch.gpu.Nvml;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Finds {@code libnvidia-ml.so.1}. */
final class NvmlLibrary {
    /** Never the bare {@code .so}, which only development packages bring. */
    static final String NAME = "libnvidia-ml.so.1";

    /** Before the loader's own places: the driver container's root, then WSL. */
    private static final List<Path> PLACES = List.of(
            Path.of("/run/nvidia/driver/usr/lib/x86_64-linux-gnu"),
            Path.of("/run/nvidia/driver/usr/lib/aarch64-linux-gnu"),
            Path.of("/run/nvidia/driver/usr/lib64"),
            Path.of("/run/nvidia/driver/usr/lib"),
            Path.of("/usr/lib/wsl/lib"));

    /** How JNA begins where the library is at fault; anything else is JNA itself. */
    private static final String NOT_LOADED = "Unable to load library";

    private NvmlLibrary() {}

    /** @param configured a path, or empty for the usual places */
    static Nvml.Opened open(String configured) {
        if (configured.isEmpty()) {
            return load(found().orElse(NAME));
        }
        return Files.exists(Path.of(configured))
                ? load(Path.of(configured).toAbsolutePath().toString())
                : new Nvml.Opened.NotFound(configured + " not found (gpu.library)");
    }

    /** @param name a path, or a bare name for the dynamic loader to find */
    static Nvml.Opened load(String name) {
        try {
            return new Nvml.Opened.Found(new JnaNvml(NativeLibrary.getInstance(name)));
        } catch (LinkageError notLoaded) {
            // Also JNA's own library, which it unpacks into a temporary folder that may be read-only or noexec.
            return new Nvml.Opened.NotFound(reason(name, notLoaded));
        }
    }

    private static Optional<String> found() {
        return PLACES.stream()
                .map(place -> place.resolve(NAME))
                .filter(Files::isReadable)
                .map(Path::toString)
                .findFirst();
    }

    /** JNA says that it failed and then, line by line, how at each try; the first try tells most. */
    private static String reason(String name, LinkageError notLoaded) {
        String message = String.valueOf(notLoaded.getMessage());
        if (!message.startsWith(NOT_LOADED)) {
            return name + " cannot be asked: JNA found no folder where it may write its own library and run it;"
                    + " JDK_JAVA_OPTIONS=-Djna.tmpdir=DIR in the environment names one";
        }
        if (message.contains(name + ": cannot open shared object file")) {
            return name + " not found";
        }
        List<String> lines = message.lines().toList();
        return name + " does not load: " + lines.get(Math.min(1, lines.size() - 1));
    }
}
