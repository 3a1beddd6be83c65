package io.inferwatch.gpu;

import io.inferwatch.gpu.jna.JnaNvml;
import io.inferwatch.gpu.testing.NvmlContract;
import io.inferwatch.gpu.testing.ScriptedNvml;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class ScriptedNvmlContractTest extends NvmlContract {
    private final Path folder;

    ScriptedNvmlContractTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Override
    protected Nvml.Opener opener() {
        ScriptedNvml driver = ScriptedNvml.compile(folder).script("gpus 8");
        return JnaNvml.opener(driver.library().toString());
    }
}
