package io.inferwatch.api.http;

import io.inferwatch.gpu.FieldReading;
import io.inferwatch.gpu.GpuFleet.Latest;
import io.inferwatch.gpu.Reading;
import io.inferwatch.gpu.Samples;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The readings of one GPU as JSON, by metric. One that is told in parts (by {@code reason}, {@code kind},
 * {@code direction}) has the sum of those with a value and lists each under {@code parts}; one that is told of MIG
 * instances as well says what the whole GPU has, and lists those.
 */
final class GpuReadingsShape {
    private GpuReadingsShape() {}

    static Map<String, Object> of(List<Latest> readings) {
        Map<String, List<Latest>> byMetric = new LinkedHashMap<>();
        for (Latest latest : readings) {
            byMetric.computeIfAbsent(latest.reading().field().metric(), metric -> new ArrayList<>())
                    .add(latest);
        }
        Map<String, Object> shape = new LinkedHashMap<>();
        byMetric.forEach((metric, all) -> shape.put(metric, isOne(all) ? one(all.getFirst()) : parts(all)));
        return shape;
    }

    /** @param readings of one MIG instance, none of them told in further parts */
    static Map<String, Object> ofInstance(List<Latest> readings) {
        Map<String, Object> shape = new LinkedHashMap<>();
        readings.forEach(latest -> shape.put(latest.reading().field().metric(), one(latest)));
        return shape;
    }

    private static boolean isOne(List<Latest> readings) {
        return readings.size() == 1 && readings.getFirst().reading().part().isEmpty();
    }

    private static Map<String, @Nullable Object> one(Latest latest) {
        return whole(latest).done();
    }

    private static Shape whole(Latest latest) {
        FieldReading field = latest.reading();
        return state(Shape.object(), field.reading())
                .with("unit", field.field().unit())
                .with("source", field.source())
                .with("at", Times.format(latest.at()));
    }

    private static Map<String, @Nullable Object> parts(List<Latest> all) {
        Optional<Latest> ofWhole =
                all.stream().filter(latest -> latest.reading().part().isEmpty()).findFirst();
        if (ofWhole.isPresent()) {
            List<Latest> instances = all.stream()
                    .filter(latest -> latest.reading().isOfInstance())
                    .toList();
            return whole(ofWhole.get())
                    .with(
                            "parts",
                            instances.stream().map(GpuReadingsShape::part).toList())
                    .done();
        }
        return state(Shape.object(), sum(all))
                .with("unit", all.getFirst().reading().field().unit())
                .with("at", Times.format(newest(all)))
                .with("parts", all.stream().map(GpuReadingsShape::part).toList())
                .done();
    }

    private static Map<String, @Nullable Object> part(Latest latest) {
        Shape shape = Shape.object();
        latest.reading().part().forEach(shape::with);
        if (latest.reading().isOfInstance()) {
            shape.with("source", latest.reading().source());
        }
        return state(shape, latest.reading().reading())
                .with("at", Times.format(latest.at()))
                .done();
    }

    /** Of the parts with a value; where none has one, what the first says. */
    private static Reading<Samples> sum(List<Latest> all) {
        double sum = 0;
        boolean hasValue = false;
        for (Latest latest : all) {
            if (latest.reading().reading() instanceof Reading.Value<Samples>(Samples samples)) {
                sum += samples.last();
                hasValue = true;
            }
        }
        return hasValue
                ? new Reading.Value<>(Samples.of(sum))
                : all.getFirst().reading().reading();
    }

    private static Instant newest(List<Latest> all) {
        return all.stream().map(Latest::at).max(Comparator.naturalOrder()).orElseThrow();
    }

    private static Shape state(Shape shape, Reading<Samples> reading) {
        return switch (reading) {
            case Reading.Value<Samples> value ->
                shape.with("state", "value").with("value", value.value().last());
            case Reading.Unsupported<Samples> none -> shape.with("state", "unsupported");
            case Reading.NoPermission<Samples> none -> shape.with("state", "no_permission");
            case Reading.Stale<Samples> none -> shape.with("state", "stale");
            case Reading.Failed<Samples> failed -> shape.with("state", "failed").with("code", failed.code());
        };
    }
}
