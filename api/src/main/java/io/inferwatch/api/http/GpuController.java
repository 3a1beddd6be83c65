package io.inferwatch.api.http;

import io.inferwatch.api.app.Live;
import io.inferwatch.gpu.GpuFleet;
import io.inferwatch.gpu.GpuProbe;
import io.inferwatch.gpu.GpuVerdict;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What each GPU last said. Answers from memory, once the driver has had a moment to say its first word. */
@Controller("/api/v1/gpus")
@ExecuteOn(HttpPool.NAME)
final class GpuController {
    private static final Duration FIRST_WORD = Duration.ofSeconds(1);

    private final Live live;

    GpuController(Live live) {
        this.live = live;
    }

    @Get
    Object fleet() {
        GpuFleet fleet = known();
        return Shape.object()
                .with("driver", fleet.driverVersion())
                .with("generation", fleet.generation())
                .with("gpus", fleet.gpus().stream().map(GpuController::shape).toList())
                .with("reason", fleet.reason())
                .done();
    }

    private GpuFleet known() {
        GpuProbe probe = live.parts().gpus();
        probe.awaitFirstWord(FIRST_WORD);
        return probe.fleet();
    }

    @Get("/{uuid}")
    Object gpu(String uuid) {
        return known().gpus().stream()
                .filter(gpu -> gpu.identity().uuid().equals(uuid))
                .findFirst()
                .map(GpuController::shape)
                .orElseThrow(() -> new ProblemException(
                        HttpStatus.NOT_FOUND, "no GPU \"" + uuid + "\"; GET /api/v1/gpus lists them"));
    }

    private static Map<String, @Nullable Object> shape(GpuFleet.Gpu gpu) {
        return Shape.object()
                .with("index", gpu.identity().index())
                .with("uuid", gpu.identity().uuid())
                .with("name", gpu.identity().name())
                .with("verdict", verdict(gpu.verdict()))
                .with("readings", GpuReadingsShape.of(gpu.readings()))
                .done();
    }

    private static Map<String, @Nullable Object> verdict(GpuVerdict verdict) {
        return Shape.object()
                .with("state", verdict.state().name().toLowerCase(Locale.ROOT))
                .with("reason", verdict.reason())
                .with("action", verdict.action())
                .with("since", Times.format(verdict.since()))
                .done();
    }
}
