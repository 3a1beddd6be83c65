package io.inferwatch.system.support;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * The program's OpenAPI document, read strictly: what a schema does not name is a fault, though a client of the API is
 * to pass over it. An operation is written {@code GET /api/v1/alerts}, an answer {@code GET /api/v1/alerts 200}.
 */
public final class OpenApiDocument {
    private static final Path FILE = Path.of("api/src/main/resources/io/inferwatch/api/openapi.yml");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SCHEMAS = "#/components/schemas/";
    private static final String RESPONSES = "#/components/responses/";

    private final JsonNode root;
    private final SchemaRegistry registry = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    private final Map<String, Schema> compiled = new TreeMap<>();

    private OpenApiDocument(JsonNode root) {
        this.root = root;
        root.path("components").path("schemas").forEach(schema -> closeInside(schema, false));
    }

    public static OpenApiDocument read() {
        try {
            String yaml = Files.readString(Launcher.root().resolve(FILE));
            Object tree = new Load(LoadSettings.builder().build()).loadFromString(yaml);
            return new OpenApiDocument(JSON.valueToTree(tree));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Every answer that is described. */
    public Set<String> answers() {
        Set<String> answers = new TreeSet<>();
        operations()
                .forEach((name, operation) -> operation
                        .path("responses")
                        .fieldNames()
                        .forEachRemaining(status -> answers.add(name + " " + status)));
        return answers;
    }

    /** What about an answer is not as described; empty where all is. */
    public List<String> faults(String operation, Answer answer) {
        JsonNode response = response(operation, answer.status());
        if (response.isMissingNode()) {
            return List.of(operation + " does not say that it may answer " + answer.status());
        }
        JsonNode content = response.path("content");
        if (content.isEmpty()) {
            return answer.text().isEmpty() ? List.of() : List.of("no body is described");
        }
        String type = answer.contentType().orElse("").replaceAll(";.*", "").strip();
        if (!content.has(type)) {
            return List.of("the type \"" + type + "\" is not described");
        }
        String name = operation + " " + answer.status() + " " + type;
        return type.endsWith("json") ? faults(name, content.path(type).path("schema"), answer.text()) : List.of();
    }

    /** What about a value is not as the schema of this name has it. */
    public List<String> faults(String schema, JsonNode value) {
        return faults("schema " + schema, JSON.createObjectNode().put("$ref", SCHEMAS + schema), value.toString());
    }

    /** What about the document's own examples does not fit their schemas. */
    public List<String> exampleFaults() {
        List<String> faults = new ArrayList<>();
        operations()
                .forEach((name, operation) -> Stream.concat(
                                stream(operation.path("requestBody").path("content")),
                                stream(operation.path("responses")).flatMap(one -> stream(one.path("content"))))
                        .filter(media -> media.has("example"))
                        .forEach(media -> faults.addAll(faults(
                                "example of " + name + " " + media.path("example"),
                                media.path("schema"),
                                media.path("example").toString()))));
        root.path("components").path("parameters").forEach(parameter -> faults.addAll(parameterFaults(parameter)));
        return faults;
    }

    /** Keys that stand for nothing; in an example null is a value like any other. */
    public List<String> strayKeys() {
        List<String> stray = new ArrayList<>();
        collectStrayKeys(root, stray);
        return stray;
    }

    private static void collectStrayKeys(JsonNode node, List<String> stray) {
        if (node.isArray()) {
            node.forEach(child -> collectStrayKeys(child, stray));
        }
        node.properties().forEach(entry -> {
            if (entry.getValue().isNull()) {
                stray.add(entry.getKey());
            } else if (!entry.getKey().equals("example")) {
                collectStrayKeys(entry.getValue(), stray);
            }
        });
    }

    private List<String> parameterFaults(JsonNode parameter) {
        JsonNode example = parameter.path("example");
        return example.isMissingNode()
                ? List.of()
                : faults(
                        "example of the parameter " + parameter.path("name").asText(),
                        parameter.path("schema"),
                        example.toString());
    }

    private static Stream<JsonNode> stream(JsonNode node) {
        List<JsonNode> children = new ArrayList<>();
        node.forEach(children::add);
        return children.stream();
    }

    private Map<String, JsonNode> operations() {
        Map<String, JsonNode> operations = new TreeMap<>();
        root.path("paths")
                .properties()
                .forEach(path -> path.getValue()
                        .properties()
                        .forEach(one -> operations.put(
                                one.getKey().toUpperCase(java.util.Locale.ROOT) + " " + path.getKey(),
                                one.getValue())));
        return operations;
    }

    private JsonNode response(String operation, int status) {
        JsonNode described = Optional.ofNullable(operations().get(operation))
                .orElseThrow(() -> new AssertionError("not described: " + operation))
                .path("responses")
                .path(Integer.toString(status));
        String reference = described.path("$ref").asText();
        return reference.isEmpty()
                ? described
                : root.path("components").path("responses").path(reference.substring(RESPONSES.length()));
    }

    private List<String> faults(String name, JsonNode schema, String text) {
        List<Error> errors =
                compiled.computeIfAbsent(name, unused -> compile(schema)).validate(text, InputFormat.JSON);
        return errors.stream()
                .filter(error -> errors.stream().noneMatch(inner -> isWithin(inner, error)))
                .map(error -> name + ": " + error.getInstanceLocation() + " " + error.getMessage())
                .distinct()
                .toList();
    }

    /** What is wrong inside a value makes all around it count as not looked at: only the innermost is told. */
    private static boolean isWithin(Error inner, Error outer) {
        return outer.getKeyword().equals("unevaluatedProperties")
                && (inner.getInstanceLocation() + "/").startsWith(outer.getInstanceLocation() + "/")
                && (!inner.getKeyword().equals(outer.getKeyword())
                        || !inner.getInstanceLocation().equals(outer.getInstanceLocation()));
    }

    private Schema compile(JsonNode schema) {
        ObjectNode whole = schema.deepCopy();
        closeInside(whole, true);
        whole.set("$defs", root.path("components").path("schemas"));
        return registry.getSchema(whole.toString().replace(SCHEMAS, "#/$defs/"), InputFormat.JSON);
    }

    /**
     * Closes every object below a schema to what is not named, where it is used as a whole: one that others are built of
     * by {@code allOf} cannot know what these add.
     */
    private void closeInside(JsonNode schema, boolean isUsedAsAWhole) {
        if (schema instanceof ObjectNode object) {
            if (isUsedAsAWhole && isRecord(object)) {
                object.put("unevaluatedProperties", false);
            }
            object.properties().forEach(entry -> {
                boolean isMap =
                        List.of("properties", "patternProperties", "$defs").contains(entry.getKey());
                if (isMap) {
                    entry.getValue().forEach(one -> closeInside(one, true));
                } else if (!entry.getKey().equals("allOf")) {
                    closeInside(entry.getValue(), true);
                }
            });
        } else if (schema instanceof ArrayNode array) {
            array.forEach(one -> closeInside(one, true));
        }
    }

    private boolean isRecord(JsonNode schema) {
        String reference = schema.path("$ref").asText();
        if (!reference.isEmpty()) {
            return isRecord(root.path("components").path("schemas").path(reference.substring(SCHEMAS.length())));
        }
        return (schema.has("properties") || schema.has("allOf")) && !schema.has("additionalProperties");
    }
}
