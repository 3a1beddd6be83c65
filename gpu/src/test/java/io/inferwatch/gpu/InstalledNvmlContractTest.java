package io.inferwatch.gpu;

import io.inferwatch.gpu.jna.JnaNvml;
import io.inferwatch.gpu.testing.NvmlContract;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The driver of the machine the tests run on; not run where there is none. */
class InstalledNvmlContractTest extends NvmlContract {
    private static final List<String> PLACES = List.of(
            "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/lib/wsl/lib");

    /** By its path: asked by name alone, JNA would hand out a scripted library that this JVM has loaded before. */
    @Override
    protected Nvml.Opener opener() {
        return PLACES.stream()
                .map(place -> Path.of(place, "libnvidia-ml.so.1"))
                .filter(Files::exists)
                .findFirst()
                .map(library -> JnaNvml.opener(library.toString()))
                .orElse(() -> new Nvml.Opened.NotFound("this machine has no libnvidia-ml.so.1 in " + PLACES));
    }
}
