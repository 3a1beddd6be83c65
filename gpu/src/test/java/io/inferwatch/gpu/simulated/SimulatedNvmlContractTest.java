package io.inferwatch.gpu.simulated;

import io.inferwatch.gpu.Nvml;
import io.inferwatch.gpu.testing.NvmlContract;
import java.time.Instant;

class SimulatedNvmlContractTest extends NvmlContract {
    private Instant now = Instant.parse("2026-11-20T12:00:00Z");

    @Override
    protected Nvml.Opener opener() {
        return SimulatedNvml.opener(() -> now, (gpu, at) -> gpu / 10.0);
    }

    @Override
    protected void passGpmWindow() {
        now = now.plusMillis(150);
    }
}
