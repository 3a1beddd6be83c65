package io.inferwatch.collector;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What few request records carry.
 *
 * @param labels further labels; those configured become series labels
 * @param gpuUuids the GPUs that served it
 * @param paramsJson the sampling parameters, a JSON object as it was sent
 */
public record RequestExtras(
        Map<String, String> labels, List<String> safetyFlags, List<String> gpuUuids, Optional<String> paramsJson) {
    public static final RequestExtras NONE = new RequestExtras(Map.of(), List.of(), List.of(), Optional.empty());

    public RequestExtras {
        labels = Map.copyOf(labels);
        safetyFlags = List.copyOf(safetyFlags);
        gpuUuids = List.copyOf(gpuUuids);
    }

    public boolean isEmpty() {
        return labels.isEmpty() && safetyFlags.isEmpty() && gpuUuids.isEmpty() && paramsJson.isEmpty();
    }
}
