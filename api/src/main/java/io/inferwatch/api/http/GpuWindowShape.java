package io.inferwatch.api.http;

import io.inferwatch.rules.GpuWindow;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** What GPUs did in a window, in JSON. What was not measured is left out. */
final class GpuWindowShape {
    private GpuWindowShape() {}

    static List<Map<String, @Nullable Object>> of(List<GpuWindow> windows) {
        return windows.stream().map(GpuWindowShape::of).toList();
    }

    private static Map<String, @Nullable Object> of(GpuWindow window) {
        Shape shape = Shape.object()
                .with("gpu", window.gpu())
                .with("uuid", window.uuid())
                .with("server", window.server())
                .with("window_seconds", window.over().toMillis() / 1000.0);
        number(shape, "sm_percent", window.smPercent());
        number(shape, "dram_percent", window.dramPercent());
        number(shape, "power_watts", window.powerWatts());
        if (window.xids() > 0) {
            shape.with("xids", window.xids());
        }
        List<String> words = window.words();
        return shape.with("throttled", window.throttledShares())
                .with("words", words.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", words)))
                .done();
    }

    private static void number(Shape shape, String key, OptionalDouble value) {
        if (value.isPresent()) {
            shape.with(key, value.getAsDouble());
        }
    }
}
