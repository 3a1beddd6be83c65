package io.inferwatch.api.http;

import io.inferwatch.api.app.Live;
import io.inferwatch.collector.catalogue.NearestName;
import io.inferwatch.gpu.GpuFleet;
import io.inferwatch.gpu.GpuIdentity;
import io.inferwatch.gpu.GpuProbe;
import io.inferwatch.gpu.MigInstance;
import io.inferwatch.gpu.XidEvent;
import io.inferwatch.rules.yaml.Durations;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What each GPU last said. Answers from memory, once the driver has had a moment to say its first word. */
@Controller("/api/v1/gpus")
@ExecuteOn(HttpPool.NAME)
final class GpuController {
    private static final Duration FIRST_WORD = Duration.ofSeconds(1);
    private static final Duration RELEASE = Duration.ofMinutes(10);
    private static final Duration LONGEST_RELEASE = Duration.ofDays(1);

    /** Past the wait for XIDs, which is the longest that a healthy driver keeps a call. */
    private static final Duration RELEASE_PATIENCE = Duration.ofSeconds(5);

    private final Live live;

    GpuController(Live live) {
        this.live = live;
    }

    @Get
    Object fleet() {
        return GpuFleetShape.of(known());
    }

    private GpuFleet known() {
        GpuProbe probe = live.parts().gpus();
        probe.awaitFirstWord(FIRST_WORD);
        return probe.fleet();
    }

    /** A GPU, or a MIG device of one. */
    @Get("/{uuid}")
    Object gpu(String uuid) {
        List<GpuFleet.Gpu> gpus = known().gpus();
        return gpus.stream()
                .filter(gpu -> gpu.identity().uuid().equals(uuid))
                .findFirst()
                .map(GpuController::fullShape)
                .or(() -> MigShape.of(gpus, uuid))
                .orElseThrow(() -> new ProblemException(HttpStatus.NOT_FOUND, notFound(gpus, uuid)));
    }

    private static String notFound(List<GpuFleet.Gpu> gpus, String uuid) {
        List<String> uuids = gpus.stream()
                .flatMap(gpu -> Stream.concat(
                        Stream.of(gpu.identity().uuid()),
                        gpu.occupancy().instances().stream().map(MigInstance::uuid)))
                .toList();
        Optional<String> byIndex = gpus.stream()
                .map(GpuFleet.Gpu::identity)
                .filter(gpu -> Integer.toString(gpu.index()).equals(uuid))
                .map(GpuIdentity::uuid)
                .findFirst();
        return "no GPU \"" + uuid + "\"; GET /api/v1/gpus lists them"
                + byIndex.or(() -> NearestName.among(uuids, uuid))
                        .map(nearest -> "; did you mean \"" + nearest + "\"?")
                        .orElse("");
    }

    /** Lets go of the driver for a while; answered when nothing of it is held any more. */
    @Post("/release")
    Object release(HttpRequest<?> request) {
        Duration time = request.getParameters()
                .getFirst("for")
                .map(GpuController::releaseTime)
                .orElse(RELEASE);
        GpuProbe probe = live.parts().gpus();
        Instant until = live.parts().clock().instant().plus(time);
        try {
            probe.release(time).get(RELEASE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            throw new ProblemException(
                    HttpStatus.SERVICE_UNAVAILABLE,
                    probe.callUnderWay().orElse("a driver call")
                            + " has not returned; the driver is released as soon as"
                            + " it does. A call that never does holds the driver until this process ends",
                    List.of(),
                    Optional.of(RELEASE_PATIENCE));
        } catch (InterruptedException | ExecutionException failed) {
            throw new ProblemException(HttpStatus.SERVICE_UNAVAILABLE, "the release was not done: " + failed);
        }
        return Shape.object()
                .with("released", !time.isZero())
                .with("until", Times.format(until))
                .done();
    }

    private static Duration releaseTime(String text) {
        return Durations.parse(text)
                .filter(time -> time.compareTo(LONGEST_RELEASE) <= 0)
                .orElseThrow(() -> ProblemException.badRequest(
                        "for: \"" + text + "\" is not a duration of 0s to 24h, for example 10m"));
    }

    /** The present GPUs are the expected ones. */
    @Post("/accept")
    Object accept() {
        GpuProbe probe = live.parts().gpus();
        try {
            List<GpuIdentity> struckOut = probe.accept();
            return Shape.object()
                    .with(
                            "expected",
                            probe.fleet().gpus().stream()
                                    .map(gpu -> gpu.identity().uuid())
                                    .toList())
                    .with(
                            "no_longer_expected",
                            struckOut.stream().map(GpuIdentity::uuid).toList())
                    .done();
        } catch (IllegalStateException configured) {
            throw new ProblemException(HttpStatus.CONFLICT, String.valueOf(configured.getMessage()));
        }
    }

    private static Map<String, @Nullable Object> fullShape(GpuFleet.Gpu gpu) {
        return OccupancyShape.with(GpuFleetShape.of(gpu), gpu.occupancy())
                .with("events", gpu.xids().stream().map(GpuController::event).toList())
                .done();
    }

    private static Map<String, @Nullable Object> event(XidEvent event) {
        return Shape.object()
                .with("at", Times.format(event.at()))
                .with("xid", event.xid())
                .with("kind", event.entry().remedy().label())
                .with("meaning", event.entry().meaning())
                .with("action", event.entry().remedy().action())
                .with("gpu_instance", event.gpuInstance().stream().boxed().findFirst())
                .with("origin", event.origin().name().toLowerCase(Locale.ROOT))
                .done();
    }
}
