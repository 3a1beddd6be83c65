package io.inferwatch.system.support;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Kubernetes manifests: read from YAML, and held against the types of its API. */
public final class Manifests {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TYPES = "io.kubernetes.client.openapi.models.V1";

    private final List<JsonNode> all;

    private Manifests(List<JsonNode> all) {
        this.all = List.copyOf(all);
    }

    /** Of a text with {@code ---} between its documents. */
    public static Manifests of(String yaml) {
        List<JsonNode> read = new ArrayList<>();
        for (Object document : new Load(LoadSettings.builder().build()).loadAllFromString(yaml)) {
            if (document != null) {
                read.add(JSON.valueToTree(document));
            }
        }
        return new Manifests(read);
    }

    public List<String> kinds() {
        return all.stream().map(each -> each.path("kind").asText()).toList();
    }

    /** The one manifest of a kind. */
    public JsonNode one(String kind) {
        List<JsonNode> found = all.stream()
                .filter(each -> each.path("kind").asText().equals(kind))
                .toList();
        if (found.size() != 1) {
            throw new AssertionError("one " + kind + " expected, there are " + kinds());
        }
        return found.getFirst();
    }

    /** What does not fit: fields that the API does not have, wrong types, required fields that are missing. */
    public List<String> problems() {
        return all.stream().flatMap(each -> problem(each).stream()).toList();
    }

    private static Optional<String> problem(JsonNode manifest) {
        String kind = manifest.path("kind").asText();
        // A type that Prometheus' operator brings; the API itself does not know it.
        if (kind.equals("ServiceMonitor")) {
            return Optional.empty();
        }
        try {
            Class.forName(TYPES + kind).getMethod("fromJson", String.class).invoke(null, manifest.toString());
            return Optional.empty();
        } catch (InvocationTargetException e) {
            return Optional.of(kind + ": " + e.getCause());
        } catch (ReflectiveOperationException e) {
            return Optional.of(kind + " is no kind of the API: " + e);
        }
    }
}
