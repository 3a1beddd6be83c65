package io.inferwatch.api.http;

import io.inferwatch.gpu.FlightRecord;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A flight record in JSON. */
final class FlightRecordShape {
    private FlightRecordShape() {}

    static Map<String, @Nullable Object> of(FlightRecord record) {
        return Shape.object()
                .with("from", Times.format(record.from()))
                .with("to", Times.format(record.until()))
                .with("not_taken", Optional.of(record.notTaken()).filter(why -> !why.isEmpty()))
                .with("gpus", record.gpus().stream().map(FlightRecordShape::of).toList())
                .done();
    }

    private static Map<String, @Nullable Object> of(FlightRecord.OfGpu part) {
        return Shape.object()
                .with("gpu", Integer.toString(part.gpu().index()))
                .with("uuid", part.gpu().uuid())
                .with("samples", part.rows().stream().map(FlightRecordShape::of).toList())
                .done();
    }

    private static Map<String, @Nullable Object> of(FlightRecord.Row row) {
        return Shape.object()
                .with("at", Times.format(row.at()))
                .with("values", new TreeMap<>(row.values()))
                .done();
    }
}
