package io.inferwatch.gpu;

import io.inferwatch.gpu.jna.JnaNvml;
import io.inferwatch.gpu.testing.NvmlContract;
import io.inferwatch.gpu.testing.ScriptedCard;
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
        ScriptedNvml driver = ScriptedNvml.compile(folder)
                .script(ScriptedCard.H200.script("gpus 8", "field * 83 1000", "gpu * energy_mj=1000"));
        return JnaNvml.opener(driver.library().toString());
    }

    /** The script's GPUs measure nothing. */
    @Override
    protected void passGpmWindow() {}
}
