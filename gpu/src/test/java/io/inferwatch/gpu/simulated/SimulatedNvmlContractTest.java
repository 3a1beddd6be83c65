package io.inferwatch.gpu.simulated;

import io.inferwatch.gpu.Nvml;
import io.inferwatch.gpu.testing.NvmlContract;
import java.time.Instant;
import java.time.InstantSource;

class SimulatedNvmlContractTest extends NvmlContract {
    @Override
    protected Nvml.Opener opener() {
        return SimulatedNvml.opener(
                InstantSource.fixed(Instant.parse("2026-11-20T12:00:00Z")), (gpu, at) -> gpu / 10.0);
    }
}
