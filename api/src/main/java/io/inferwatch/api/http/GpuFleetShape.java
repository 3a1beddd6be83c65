package io.inferwatch.api.http;

import io.inferwatch.gpu.GpuFleet;
import io.inferwatch.gpu.GpuVerdict;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The GPUs of a host in JSON, as {@code GET /api/v1/gpus} has them and {@code inferwatch gpus} makes them itself. */
public final class GpuFleetShape {
    private GpuFleetShape() {}

    public static Map<String, @Nullable Object> of(GpuFleet fleet) {
        return Shape.object()
                .with("driver", fleet.driverVersion())
                .with("generation", fleet.generation())
                .with("gpus", fleet.gpus().stream().map(gpu -> of(gpu).done()).toList())
                .with("reason", fleet.reason())
                .done();
    }

    static Shape of(GpuFleet.Gpu gpu) {
        return Shape.object()
                .with("index", gpu.identity().index())
                .with("uuid", gpu.identity().uuid())
                .with("name", gpu.identity().name())
                .with("server", gpu.server())
                .with("verdict", verdict(gpu.verdict()))
                .with("readings", GpuReadingsShape.of(gpu.readings()));
    }

    static Map<String, @Nullable Object> verdict(GpuVerdict verdict) {
        return Shape.object()
                .with("state", verdict.state().name().toLowerCase(Locale.ROOT))
                .with("reason", verdict.reason())
                .with("action", verdict.action())
                .with("evidence", verdict.evidence())
                .with("since", Times.format(verdict.since()))
                .done();
    }
}
