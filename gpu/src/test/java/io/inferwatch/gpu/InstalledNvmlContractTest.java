package io.inferwatch.gpu;

import io.inferwatch.gpu.jna.JnaNvml;
import io.inferwatch.gpu.testing.NvmlContract;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The driver of the machine the tests run on, or the library that the system property {@link #LIBRARY} names; not run
 * where there is none.
 */
class InstalledNvmlContractTest extends NvmlContract {
    static final String LIBRARY = "inferwatch.conformance.library";

    private static final List<String> PLACES = List.of(
            "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/lib/wsl/lib");

    /** By its path: asked by name alone, JNA would hand out a scripted library that this JVM has loaded before. */
    @Override
    protected Nvml.Opener opener() {
        String named = System.getProperty(LIBRARY, "");
        List<Path> libraries = named.isEmpty()
                ? PLACES.stream()
                        .map(place -> Path.of(place, "libnvidia-ml.so.1"))
                        .toList()
                : List.of(Path.of(named));
        return libraries.stream()
                .filter(Files::exists)
                .findFirst()
                .map(library -> JnaNvml.opener(library.toString()))
                .orElse(() -> new Nvml.Opened.NotFound("this machine has none of " + libraries));
    }
}
