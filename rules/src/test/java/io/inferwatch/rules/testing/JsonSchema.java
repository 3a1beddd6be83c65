package io.inferwatch.rules.testing;

import io.inferwatch.rules.yaml.YamlNode;
import io.inferwatch.rules.yaml.YamlNode.Mapping;
import io.inferwatch.rules.yaml.YamlNode.Scalar;
import io.inferwatch.rules.yaml.YamlNode.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** As much of JSON Schema 2020-12 as the rules' schema uses; a keyword it does not know fails. */
public final class JsonSchema {
    private static final List<String> WORDS = List.of(
            "$schema", "$id", "$defs", "title", "description", "properties", "additionalProperties", "required");

    private final Mapping root;

    public JsonSchema(Mapping root) {
        this.root = root;
    }

    /** Where the document does not have the form; empty when it does. */
    public List<String> faults(YamlNode document) {
        List<String> faults = new ArrayList<>();
        check(root, document, faults);
        return faults;
    }

    private boolean fits(YamlNode schema, YamlNode node) {
        List<String> faults = new ArrayList<>();
        check(schema, node, faults);
        return faults.isEmpty();
    }

    private void check(YamlNode schemaNode, YamlNode node, List<String> faults) {
        Mapping schema = (Mapping) schemaNode;
        schema.entries().forEach((word, entry) -> {
            YamlNode value = entry.value();
            boolean holds = WORDS.contains(word)
                    || switch (word) {
                        case "$ref" -> follow(text(value), node, faults);
                        case "type" -> types(value).stream().anyMatch(type -> isA(type, node));
                        case "enum" -> items(value).stream().anyMatch(one -> same(one, node));
                        case "const" -> same(value, node);
                        case "pattern" ->
                            !(node instanceof Scalar s)
                                    || Pattern.compile(text(value))
                                            .matcher(s.text())
                                            .find();
                        case "minimum" -> !isA("number", node) || number(node) >= number(value);
                        case "exclusiveMinimum" -> !isA("number", node) || number(node) > number(value);
                        case "maximum" -> !isA("number", node) || number(node) <= number(value);
                        case "minItems" ->
                            !(node instanceof Sequence list) || list.items().size() >= number(value);
                        case "maxItems" ->
                            !(node instanceof Sequence list) || list.items().size() <= number(value);
                        case "minProperties" ->
                            !(node instanceof Mapping map) || map.entries().size() >= number(value);
                        case "items" -> {
                            items(node).forEach(item -> check(value, item, faults));
                            yield true;
                        }
                        case "anyOf" -> items(value).stream().anyMatch(one -> fits(one, node));
                        case "oneOf" ->
                            items(value).stream().filter(one -> fits(one, node)).count() == 1;
                        default -> throw new AssertionError("the schema uses " + word);
                    };
            if (!holds) {
                faults.add(node.position() + " " + node.path() + ": " + word);
            }
        });
        if (node instanceof Mapping map) {
            members(schema, map, faults);
        }
    }

    private void members(Mapping schema, Mapping map, List<String> faults) {
        Optional<YamlNode> properties = schema.get("properties");
        schema.get("required").map(JsonSchema::items).orElse(List.of()).forEach(name -> {
            if (map.get(text(name)).isEmpty()) {
                faults.add(map.position() + " " + map.path() + ": " + text(name) + " is missing");
            }
        });
        map.entries().forEach((name, entry) -> {
            Optional<YamlNode> own = properties.flatMap(p -> ((Mapping) p).get(name));
            Optional<YamlNode> other = schema.get("additionalProperties");
            if (own.isPresent()) {
                check(own.get(), entry.value(), faults);
            } else if (other.isPresent() && other.get() instanceof Mapping rest) {
                check(rest, entry.value(), faults);
            } else if (other.isPresent()) {
                faults.add(entry.keyPosition() + " " + entry.value().path() + ": unknown key");
            }
        });
    }

    private boolean follow(String reference, YamlNode node, List<String> faults) {
        YamlNode definitions = root.get("$defs").orElseThrow();
        check(
                ((Mapping) definitions)
                        .get(reference.substring("#/$defs/".length()))
                        .orElseThrow(),
                node,
                faults);
        return true;
    }

    private static List<String> types(YamlNode value) {
        return value instanceof Sequence
                ? items(value).stream().map(JsonSchema::text).toList()
                : List.of(text(value));
    }

    private static boolean isA(String type, YamlNode node) {
        boolean isPlain = node instanceof Scalar s && !s.quoted();
        String text = node instanceof Scalar s ? s.text() : "";
        return switch (type) {
            case "object" -> node instanceof Mapping;
            case "array" -> node instanceof Sequence;
            case "number" -> isPlain && text.matches("-?\\d+(\\.\\d+)?");
            case "integer" -> isPlain && text.matches("-?\\d+");
            case "boolean" -> isPlain && (text.equals("true") || text.equals("false"));
            case "string" -> node instanceof Scalar && !isA("number", node) && !isA("boolean", node);
            default -> throw new AssertionError("type " + type);
        };
    }

    private static boolean same(YamlNode one, YamlNode other) {
        return one instanceof Scalar a && other instanceof Scalar b && a.text().equals(b.text());
    }

    private static double number(YamlNode node) {
        return Double.parseDouble(text(node));
    }

    private static String text(YamlNode node) {
        return ((Scalar) node).text();
    }

    private static List<YamlNode> items(YamlNode node) {
        return node instanceof Sequence sequence ? sequence.items() : List.of();
    }
}
