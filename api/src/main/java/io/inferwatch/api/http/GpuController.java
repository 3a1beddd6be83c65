package io.inferwatch.api.http;

import io.inferwatch.api.app.Live;
import io.inferwatch.gpu.FieldReading;
import io.inferwatch.gpu.GpuFleet;
import io.inferwatch.gpu.GpuVerdict;
import io.inferwatch.gpu.Reading;
import io.inferwatch.gpu.Samples;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What each GPU last said. Answers from memory. */
@Controller("/api/v1/gpus")
final class GpuController {
    private final Live live;

    GpuController(Live live) {
        this.live = live;
    }

    @Get
    Object fleet() {
        GpuFleet fleet = live.parts().gpus().fleet();
        return Shape.object()
                .with("driver", fleet.driverVersion())
                .with("generation", fleet.generation())
                .with("gpus", fleet.gpus().stream().map(GpuController::shape).toList())
                .with("reason", fleet.reason())
                .done();
    }

    @Get("/{uuid}")
    Object gpu(String uuid) {
        return live.parts().gpus().fleet().gpus().stream()
                .filter(gpu -> gpu.identity().uuid().equals(uuid))
                .findFirst()
                .map(GpuController::shape)
                .orElseThrow(() -> new ProblemException(
                        HttpStatus.NOT_FOUND, "no GPU \"" + uuid + "\"; GET /api/v1/gpus lists them"));
    }

    private static Map<String, @Nullable Object> shape(GpuFleet.Gpu gpu) {
        Map<String, Object> readings = new LinkedHashMap<>();
        gpu.readings().forEach(latest -> readings.put(latest.reading().field().metric(), reading(latest)));
        return Shape.object()
                .with("index", gpu.identity().index())
                .with("uuid", gpu.identity().uuid())
                .with("name", gpu.identity().name())
                .with("verdict", verdict(gpu.verdict()))
                .with("readings", readings)
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

    private static Map<String, @Nullable Object> reading(GpuFleet.Latest latest) {
        FieldReading field = latest.reading();
        Shape shape = Shape.object();
        switch (field.reading()) {
            case Reading.Value<Samples> value ->
                shape.with("state", "value").with("value", value.value().last());
            case Reading.Unsupported<Samples> none -> shape.with("state", "unsupported");
            case Reading.NoPermission<Samples> none -> shape.with("state", "no_permission");
            case Reading.Stale<Samples> none -> shape.with("state", "stale");
            case Reading.Failed<Samples> failed -> shape.with("state", "failed").with("code", failed.code());
        }
        return shape.with("unit", field.field().unit())
                .with("source", field.source())
                .with("at", Times.format(latest.at()))
                .done();
    }
}
